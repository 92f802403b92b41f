"""Recognises a role that was typed in look-alike or invisible characters.

Knows letters, not formats.
"""

import unicodedata

# Cyrillic, Greek, Armenian, Latin, and small capitals, each by the alphabet of what it looks like.
_LOOK_ALIKES = str.maketrans(
    "аԁсеіӏлмпоргѕтуүѵαςειηνορστυγոօսɑɗƒıɩƽʋᴀᴄᴅᴇꜰɪʟᴍɴᴏᴘʀꜱᴛᴜᴠʏ",
    "adceillmnoprstyyvaceinvopotuynouadfiisuacdefilmnoprstuvy",
)
_MAX_LENGTH = 40


def skeleton(role: str) -> str:
    """The ASCII word that *role* looks like, as far as a small table of look-alikes reaches."""
    folded = unicodedata.normalize("NFKC", role[:_MAX_LENGTH]).lower().translate(_LOOK_ALIKES)
    return "".join(
        c
        for c in unicodedata.normalize("NFD", folded)
        if unicodedata.category(c) not in {"Cf", "Mn"}
    ).strip()
