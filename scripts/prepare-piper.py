#!/usr/bin/env python3
"""Prepares a Piper voice for sherpa-onnx: writes the model with its metadata inside, and the table of its tokens.

usage: prepare-piper.py VOICE.onnx VOICE.onnx.json MODEL_OUT TOKENS_OUT

The same input always gives the same bytes.
"""

import json
import sys
from pathlib import Path


def varint(number: int) -> bytes:
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


def field(number: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def metadata(config: dict) -> bytes:
    """`ModelProto.metadata_props` entries. Protobuf merges fields that are appended, so the model needs no parsing."""
    properties = {
        "model_type": "vits",
        "comment": "piper",
        "language": "English",
        "voice": config["espeak"]["voice"],
        "has_espeak": "1",
        "n_speakers": str(config["num_speakers"]),
        "sample_rate": str(config["audio"]["sample_rate"]),
    }
    return b"".join(
        field(14, field(1, name.encode()) + field(2, value.encode())) for name, value in properties.items()
    )


def main() -> None:
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    voice, config_path, model_out, tokens_out = map(Path, sys.argv[1:])
    config = json.loads(config_path.read_text(encoding="utf-8"))
    model_out.write_bytes(voice.read_bytes() + metadata(config))
    tokens = "".join(f"{symbol} {numbers[0]}\n" for symbol, numbers in config["phoneme_id_map"].items())
    tokens_out.write_bytes(tokens.encode("utf-8"))


if __name__ == "__main__":
    main()
