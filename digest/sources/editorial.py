"""Entries of journal feeds that are no papers, told by their titles: front matter and notices about other papers.

A title must be nothing but front matter: "Editorial" is, "Editorial: why stones float" has something to read.
"""

import re

_FRONT_MATTER = re.compile(
    r"""(?:issue|publication|journal|subscription|copyright)\ (?:publication\ )?information
      | copyright(?:\ (?:page|notice))?
      | (?:front|back|end)[\ -]?matter
      | (?:inside\ )?(?:front|back|outside)?\ ?cover(?:\ (?:image|picture|art|legend|page))?
      | (?:about|on)\ the\ cover | in\ this\ issue | (?:table\ of\ |volume\ |issue\ )?contents(?:\ list)?
      | graphical\ (?:abstract|content)s? | editorial(?:\ (?:board|team|note|advisory\ board))?
        (?:\ ?(?:/|&|and|-|–)\ ?(?:aims\ (?:and|&)\ scope|publication\ information|contents))?
      | aims\ (?:and|&)\ scope
      | masthead | imprint | colophon
      | (?:list\ of\ |our\ )?(?:reviewers?|referees)(?:\ list)?(?:\ (?:for\ |in\ |of\ )?\d{4})?
      | (?:author|subject|keyword|volume|cumulative)s?\ index | index(?:\ (?:to|of|for)\ volume\ \d+)?
      | (?:title|half-?title|blank)\ page
      | (?:information|instructions|guide(?:lines)?|notes?)\ (?:for|to)\ (?:authors|contributors)
      | (?:list\ of\ |notes\ on\ )?contributors | books\ received | announcements? | call\ for\ papers(?:\ ?[:–—-].*)?
      | ieee\ .*(?:filler|(?:publication|society)\ information|information\ for\ authors|institutional\ listings)
      | (?:ac?knowledge?ments?|thank\ you|thanks)\ (?:of|to)\ (?:the\ |our\ |all\ )?(?:peer\ )?(?:reviewers|referees)
        (?:\ (?:of|for|in)\b.{0,80}|\ \d{4})?
      | reviewers?['’]?\ ac?knowledge?ments? | techrxiv:\ share\ your\ preprint\ research.*""",
    re.IGNORECASE | re.VERBOSE,
)
_FOREIGN_FRONT_MATTER = re.compile(
    r"""herausgeber(?:verzeichnis|beirat|gremium)?(?:/.{1,40})? | impressum | inhalt(?:sverzeichnis|sübersicht)?
      | titel(?:ei|seite|blatt)
      | autorenverzeichnis | autorenhinweise
      | éditorial | sommaire | table\ des\ matières | comité\ (?:de\ rédaction|éditorial) | pages\ liminaires
      | (?:première|quatrième)\ de\ couverture
      | índice | sumario | contenido | portada | (?:comité|consejo)\ editorial
      | normas\ (?:de\ publicación|para\ (?:los\ )?autores)
      | sumário | expediente | capa | (?:corpo|conselho)\ editorial
      | indice | sommario | editoriale | comitato\ (?:editoriale|di\ redazione|scientifico)
      | inhoud(?:sopgave)? | spis\ treści | содержание | оглавление | (?:редакционная\ коллегия|редколлегия)
      | титул(?:ьный\ лист)?
      | (?:《.{1,20}》)?(?:\d{4}年)?(?:第?\d{1,3}[期卷号])?(?:总|本期|全年|英文)?目[录錄次]
      | (?:编|編輯|编辑|編集)委[员員]?[会會](?:名单|名簿)?
      | 封[面底二三四] | 版权(?:页|信息) | 裏?表紙 | 奥付
      | (?:《.{1,20}》)?(?:征稿(?:启事|简则|通知|函)|投稿(?:须知|指南|規定)|稿约|订阅(?:启事|指南)) | 卷首语 | 巻頭言
      | 목차 | 표지 | 편집위원회?""",
    re.IGNORECASE | re.VERBOSE,
)
_OTHERS = r"(?:\s+(?:to|for|in|of|on|zu|zum|zur|à|au|a)\b|\s*[:.,;–—]|\s+-\s|\s*\(|\s*[\"“‘'«„]|\s*$)"
_NOTICE = re.compile(
    rf"""\W{{0,2}}(?:authors?['’]?s?\ |publisher['’]?s?\ |editorial\ |partial\ )?
        (?:(?:corrections?|retractions?|withdrawal|removal|addendum|amendment|expressions?\ of\ concern)
             (?:\ note|\ notice)?
             (?:(?:\ (?:to|for|of))?\s*(?:[:\]]|$) | \ (?:to|for|of)\s*["“‘'«„] | \ notice\b
               | \ (?:to|for)\ (?:[\w'’ -]{{1,60}}\ et\ al\b|supporting\ information|[A-Z][\w .&]{{1,60}}\ \d{{4}};))
          | (?:corrigend(?:um|a)|errat(?:um|a)|rectificatif|korrigendum|errata\ corrige|fe\ de\ erratas){_OTHERS}
          | (?:notice|statement|note)\ of\ (?:retraction|removal|withdrawal|concern|violation|correction)\b
          | (?:berichtigung|korrektur|corrección|correção|correzione|исправление|поправка)
             (?:\s+(?:zu|zum|zur|a|к)\b|\s*:|\s*$))
      | (?:勘误|更正|撤稿|訂正|正誤表|정오표|정정)(?:声明|启事|说明|表)?(?:\s*[:：].*|\W*$)""",
    re.IGNORECASE | re.VERBOSE,
)
_NOTICE_AFTER = re.compile(
    r"\s[–—-]\s*(?:(?i:corrigend(?:um|a)|errat(?:um|a)|addendum)|CORRECTION|RETRACTION|EXPRESSION OF CONCERN)\s*$"
)


def not_a_paper(title: str) -> str:
    """Return why an entry with this title is no paper, "" for a paper."""
    title = title.strip(" .")
    if _FRONT_MATTER.fullmatch(title) or _FOREIGN_FRONT_MATTER.fullmatch(title):
        return f"front matter: {title}"
    if _NOTICE.match(title) or _NOTICE_AFTER.search(title):
        return f"a notice about another paper: {title[:100]}"
    return ""
