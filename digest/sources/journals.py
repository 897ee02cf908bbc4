"""Journals of many publishers: a title, who publishes it, where its papers are announced, how often it has any.

The place is a feed where the journal has one that is open to programs and carries abstracts; else the journal's ISSN,
by which Crossref lists it. Crossref has no abstracts of some publishers (Elsevier, IEEE, ACS among them): their papers
are matched on their titles.
"""

from typing import NamedTuple


class Journal(NamedTuple):
    """`place` is an address or an ISSN; `quiet_days` how many days may well pass without a new paper."""

    title: str
    publisher: str
    place: str
    quiet_days: int


JOURNALS = (
    Journal("ACM Computing Surveys", "Association for Computing Machinery", "1557-7341", 45),
    Journal("Advanced Materials", "Wiley", "1521-4095", 21),
    Journal("American Economic Review", "American Economic Association", "1944-7981", 90),
    Journal("Artificial Intelligence", "Elsevier", "0004-3702", 45),
    Journal(
        "Atmospheric Chemistry and Physics", "Copernicus Publications", "https://acp.copernicus.org/xml/rss2_0.xml", 21
    ),
    Journal("The BMJ", "BMJ Group", "1756-1833", 21),
    Journal("Cell", "Cell Press", "1097-4172", 30),
    Journal("Chemical Science", "Royal Society of Chemistry", "2041-6539", 21),
    Journal("Computational Linguistics", "MIT Press", "1530-9312", 150),
    Journal("Development", "The Company of Biologists", "1477-9129", 30),
    Journal("eLife", "eLife Sciences Publications", "https://elifesciences.org/rss/recent.xml", 21),
    Journal("Entropy", "MDPI", "1099-4300", 21),
    Journal("Frontiers in Psychology", "Frontiers Media", "https://www.frontiersin.org/journals/psychology/rss", 21),
    Journal(
        "Genome Biology",
        "BioMed Central",
        "https://genomebiology.biomedcentral.com/articles/most-recent/rss.xml",
        30,
    ),
    Journal(
        "IEEE Transactions on Pattern Analysis and Machine Intelligence",
        "Institute of Electrical and Electronics Engineers",
        "1939-3539",
        30,
    ),
    Journal("JAMA", "American Medical Association", "1538-3598", 21),
    Journal("Journal of Cell Biology", "Rockefeller University Press", "1540-8140", 45),
    Journal("Journal of Chemical Physics", "AIP Publishing", "1089-7690", 21),
    Journal("Journal of Fluid Mechanics", "Cambridge University Press", "1469-7645", 21),
    Journal("Journal of Machine Learning Research", "JMLR", "https://www.jmlr.org/jmlr.xml", 60),
    Journal("Journal of Neuroscience", "Society for Neuroscience", "1529-2401", 30),
    Journal("Journal of Open Source Software", "Open Journals", "https://joss.theoj.org/papers/published.atom", 30),
    Journal("Journal of Political Economy", "University of Chicago Press", "1537-534X", 90),
    Journal("Journal of the American Chemical Society", "American Chemical Society", "1520-5126", 21),
    Journal("Journal of the American Mathematical Society", "American Mathematical Society", "1088-6834", 180),
    Journal("Journal of the American Statistical Association", "Taylor & Francis", "1537-274X", 45),
    Journal("The Lancet", "The Lancet", "1474-547X", 21),
    Journal("Management Science", "INFORMS", "1526-5501", 45),
    Journal("mBio", "American Society for Microbiology", "2150-7511", 30),
    Journal("Nature", "Nature Portfolio", "https://www.nature.com/nature.rss", 14),
    Journal("Nature Communications", "Nature Portfolio", "https://www.nature.com/ncomms.rss", 14),
    Journal("New England Journal of Medicine", "Massachusetts Medical Society", "1533-4406", 21),
    Journal("New Journal of Physics", "IOP Publishing", "1367-2630", 30),
    Journal("Nucleic Acids Research", "Oxford University Press", "1362-4962", 21),
    Journal("Optics Express", "Optica", "1094-4087", 21),
    Journal("Physical Review Letters", "American Physical Society", "https://feeds.aps.org/rss/recent/prl.xml", 14),
    Journal("PLOS Biology", "PLOS", "https://journals.plos.org/plosbiology/feed/atom", 30),
    Journal("PLOS ONE", "PLOS", "https://journals.plos.org/plosone/feed/atom", 14),
    Journal("Proceedings of the National Academy of Sciences", "National Academy of Sciences", "1091-6490", 21),
    Journal("Proceedings of the Royal Society B", "The Royal Society", "1471-2954", 30),
    Journal("Psychological Science", "SAGE", "1467-9280", 60),
    Journal("Quantum", "Verein zur Förderung des Open Access Publizierens", "https://quantum-journal.org/feed/", 30),
    Journal("Science", "American Association for the Advancement of Science", "1095-9203", 21),
    Journal("Science Advances", "American Association for the Advancement of Science", "2375-2548", 21),
    Journal("SIAM Journal on Computing", "Society for Industrial and Applied Mathematics", "1095-7111", 120),
)
