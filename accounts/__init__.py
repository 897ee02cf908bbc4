"""Who a reader is: login, local time, delivery slot, consent. Never imports digest."""
