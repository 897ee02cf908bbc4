"""What comes back: signed links, sign-ups, reports of mail providers; and all that is kept about one reader."""
