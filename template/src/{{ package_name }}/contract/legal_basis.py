"""The grounds on which personal data may be processed: the articles of two laws, and nothing else.

GDPR: Regulation (EU) 2016/679, articles 6(1) and 9(2). LGPD: Lei 13.709/2018 of Brazil, articles 7 and 11.
"""

PERSONAL = {
    "gdpr-6-1-a": "consent",
    "gdpr-6-1-b": "a contract with the person",
    "gdpr-6-1-c": "a legal obligation",
    "gdpr-6-1-d": "vital interests",
    "gdpr-6-1-e": "a task in the public interest",
    "gdpr-6-1-f": "legitimate interests",
    "lgpd-7-i": "consent",
    "lgpd-7-ii": "a legal or regulatory obligation",
    "lgpd-7-iii": "public policies, by the public administration",
    "lgpd-7-iv": "studies by a research body",
    "lgpd-7-v": "a contract with the person",
    "lgpd-7-vi": "the exercise of rights in proceedings",
    "lgpd-7-vii": "protection of life",
    "lgpd-7-viii": "protection of health, by health professionals or authorities",
    "lgpd-7-ix": "legitimate interests",
    "lgpd-7-x": "protection of credit",
}
SENSITIVE = {
    "gdpr-9-2-a": "explicit consent",
    "gdpr-9-2-b": "employment, social security and social protection law",
    "gdpr-9-2-c": "vital interests of a person who cannot consent",
    "gdpr-9-2-d": "members of a foundation, association or other not-for-profit body",
    "gdpr-9-2-e": "made public by the person",
    "gdpr-9-2-f": "legal claims",
    "gdpr-9-2-g": "substantial public interest",
    "gdpr-9-2-h": "preventive or occupational medicine, care and treatment",
    "gdpr-9-2-i": "public health",
    "gdpr-9-2-j": "archiving, research or statistics",
    "lgpd-11-i": "specific consent",
    "lgpd-11-ii-a": "a legal or regulatory obligation",
    "lgpd-11-ii-b": "public policies, by the public administration",
    "lgpd-11-ii-c": "studies by a research body",
    "lgpd-11-ii-d": "the exercise of rights",
    "lgpd-11-ii-e": "protection of life",
    "lgpd-11-ii-f": "protection of health, by health professionals or authorities",
    "lgpd-11-ii-g": "prevention of fraud and safety of the person",
}
ALL = {**PERSONAL, **SENSITIVE}
