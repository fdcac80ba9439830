#!/usr/bin/env bash
# espeak-ng does not find every voice by the language that it lists the voice with.
#
# libespeak-ng1 and espeak-ng-data 1.51+dfsg-10+deb12u2 (Debian 12), Python 3.11.
#
# espeak_ListVoices gives 131 voices, each with its language first. espeak_SetVoiceByName takes such a language for all but
# three, British English (`en-gb`) and French (`fr-fr`) among them, which are an error (2) although the program `espeak-ng -v`
# knows them; of two voices for `yue` it takes the same one both times. By its identifier (`gmw/en`, `roa/fr`) every voice is
# found, and none is mistaken for another.
#
# What to do: keep the identifier of each listed voice and select by that.
set -euo pipefail
version=1.51+dfsg-10+deb12u2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get --quiet=2 download "libespeak-ng1=$version" "espeak-ng-data=$version" libsonic0=0.2.0-12 libpcaudio0=1.2-2 2>/dev/null
for package in *.deb; do dpkg-deb --extract "$package" root; done
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu) python3 - <<'PYTHON'
import ctypes
import glob


class Voice(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("languages", ctypes.c_void_p), ("identifier", ctypes.c_char_p)]


library = ctypes.CDLL("libespeak-ng.so.1")
library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(Voice))
library.espeak_ListVoices.argtypes = [ctypes.c_void_p]
library.espeak_GetCurrentVoice.restype = ctypes.POINTER(Voice)
# Sound is given back, and missing data does not end the process.
assert library.espeak_Initialize(2, 60, glob.glob("root/usr/lib/*/espeak-ng-data")[0].encode(), 0x8000) == 22050
listed, voices = library.espeak_ListVoices(None), []
while listed[len(voices)]:
    voice = listed[len(voices)].contents
    # The language follows a byte with its priority.
    voices.append((ctypes.string_at(voice.languages + 1).decode(), voice.identifier.decode()))


def found(name):
    """The identifier of the voice that a name selects; None if it selects none."""
    if library.espeak_SetVoiceByName(name.encode()) != 0:
        return None
    return library.espeak_GetCurrentVoice().contents.identifier.decode()


lost = sorted(language for language, identifier in voices if found(language) is None)
mistaken = sorted(language for language, identifier in voices if found(language) not in (None, identifier))
unknown = [identifier for _, identifier in voices if found(identifier) != identifier]
print(f"{len(voices)} voices; by language not found: {lost}, another one found: {mistaken}; by identifier wrong: {unknown}")
assert lost == ["chr-US-Qaaa-x-west", "en-gb", "fr-fr"], "other voices are found by language now"
assert mistaken == ["yue"] and unknown == []
PYTHON
