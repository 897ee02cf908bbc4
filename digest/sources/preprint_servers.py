"""Preprint servers besides arXiv: the subjects of bioRxiv and medRxiv, and the servers whose papers Crossref lists.

The subjects are spelt as the servers' own lists of feeds spell them. What only lists old papers (bioRxiv's Clinical
Trials and Epidemiology, which are medRxiv's now) is left out.
"""

BIORXIV = (
    "Animal Behavior and Cognition",
    "Biochemistry",
    "Bioengineering",
    "Bioinformatics",
    "Biophysics",
    "Cancer Biology",
    "Cell Biology",
    "Developmental Biology",
    "Ecology",
    "Evolutionary Biology",
    "Genetics",
    "Genomics",
    "Immunology",
    "Microbiology",
    "Molecular Biology",
    "Neuroscience",
    "Paleontology",
    "Pathology",
    "Pharmacology and Toxicology",
    "Physiology",
    "Plant Biology",
    "Scientific Communication and Education",
    "Synthetic Biology",
    "Systems Biology",
    "Zoology",
)

MEDRXIV = (
    "Addiction Medicine",
    "Allergy and Immunology",
    "Anesthesia",
    "Cardiovascular Medicine",
    "Dentistry and Oral Medicine",
    "Dermatology",
    "Emergency Medicine",
    "Endocrinology",
    "Epidemiology",
    "Forensic Medicine",
    "Gastroenterology",
    "Genetic and Genomic Medicine",
    "Geriatric Medicine",
    "Health Economics",
    "Health Informatics",
    "Health Policy",
    "Health Systems and Quality Improvement",
    "Hematology",
    "HIV/AIDS",
    "Infectious Diseases",
    "Intensive Care and Critical Care Medicine",
    "Medical Education",
    "Medical Ethics",
    "Nephrology",
    "Neurology",
    "Nursing",
    "Nutrition",
    "Obstetrics and Gynecology",
    "Occupational and Environmental Health",
    "Oncology",
    "Ophthalmology",
    "Orthopedics",
    "Otolaryngology",
    "Pain Medicine",
    "Palliative Medicine",
    "Pathology",
    "Pediatrics",
    "Pharmacology and Therapeutics",
    "Primary Care Research",
    "Psychiatry and Clinical Psychology",
    "Public and Global Health",
    "Radiology and Imaging",
    "Rehabilitation Medicine and Physical Therapy",
    "Respiratory Medicine",
    "Rheumatology",
    "Sexual and Reproductive Health",
    "Sports Medicine",
    "Surgery",
    "Toxicology",
    "Transplantation",
    "Urology",
)

# medRxiv's feeds are named after their subjects, but for these.
MEDRXIV_FEEDS = {
    "Endocrinology": "endocrinology",
    "HIV/AIDS": "hivaids",
    "Infectious Diseases": "infectious_diseases",
}

# The prefix that all DOIs of a server begin with.
AT_CROSSREF = {
    "ChemRxiv": "10.26434",
    "EarthArXiv": "10.31223",
    "engrXiv": "10.31224",
    "OSF Preprints": "10.31219",
    "Preprints.org": "10.20944",
    "PsyArXiv": "10.31234",
    "Research Square": "10.21203",
    "SocArXiv": "10.31235",
    "SSRN": "10.2139",
    "TechRxiv": "10.36227",
}

FEEDS = {
    "IACR Cryptology ePrint Archive": "https://eprint.iacr.org/rss/rss.xml",
    "NBER Working Papers": "https://www.nber.org/rss/new.xml",
}
