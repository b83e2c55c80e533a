"""Where each statistic comes from: named methods with their publication, and the method sets that results name.

A statistic follows no regulation, so it has no first day and no last one: a method set holds on every date. Its id
ends in a version, because a figure may only change together with the name of what produced it.
"""

from dataclasses import dataclass

from mutu.regulation.explain import InputError

BERLAKU = "kapan saja (metode statistik, bukan peraturan)"

ACAK_SEDERHANA = "Cochran, Sampling Techniques (edisi 3, 1977), bab 3"
WILSON = "Wilson, JASA 22 (1927) 209–212"
CLOPPER_PEARSON = "Clopper dan Pearson, Biometrika 26 (1934) 404–413"
KHI_KUADRAT = "Pearson, Philosophical Magazine 50 (1900) 157–175"
YATES = "Yates, Supplement to the JRSS 1 (1934) 217–235"
FISHER = "Fisher, JRSS 85 (1922) 87–94"
WOOLF = "Woolf, Annals of Human Genetics 19 (1955) 251–253"
NEWCOMBE = "Newcombe, Statistics in Medicine 17 (1998) 873–890, metode 10"
HARAPAN_KECIL = "Cochran, Biometrics 10 (1954) 417–451"
KUADRAT_TERKECIL = "Draper dan Smith, Applied Regression Analysis (edisi 3, 1998)"
VIF = "Marquardt, Technometrics 12 (1970) 591–612"
DURBIN_WATSON = "Durbin dan Watson, Biometrika 38 (1951) 159–177"
GRIM = "Brown dan Heathers, Social Psychological and Personality Science 8 (2017) 363–369"


@dataclass(frozen=True, slots=True)
class Metode:
    """The method set of one calculator, in the place where other results name their regulation."""

    id: str
    sumber: str

    def as_dict(self) -> dict[str, str]:
        """As it stands in a result: id, validity, source."""
        return {"id": self.id, "berlaku": BERLAKU, "sumber": self.sumber}

    def check(self, kode: str | None) -> None:
        """Raises InputError at `aturan` when the input asks for another method set than this one."""
        if kode is not None and kode != self.id:
            raise InputError.at("aturan", f"Aturan “{kode[:60]}” tidak dikenal. Yang ada: {self.id}.")


PROPORSI = Metode("proporsi-1", f"{ACAK_SEDERHANA}; {WILSON}; {CLOPPER_PEARSON}")
BANDING = Metode("banding-1", f"{KHI_KUADRAT}; {YATES}; {FISHER}; {WOOLF}; {NEWCOMBE}")
REGRESI = Metode("regresi-1", f"{KUADRAT_TERKECIL}; {VIF}; {DURBIN_WATSON}")
CACAH = Metode("cacah-1", GRIM)
