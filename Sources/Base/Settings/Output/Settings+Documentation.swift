extension Settings {
    /// The reference of all settings in Markdown; always the same text.
    public static func documentation() -> String {
        var text = """
            # Settings

            Every setting has a default, so no file is needed. Values come from these places; what is further down wins:

            1. the defaults
            2. `antiphon.yaml`
            3. `antiphon-<profile>.yaml`, when a profile is chosen
            4. `.env`
            5. the environment
            6. the command line: `--set key=value` and the options of their own

            An unknown key is an error. A change of a *live* setting takes effect while the server runs; all others need a \
            restart.

            ## How values are written

            | type | in the file | in the environment and on the command line |
            |---|---|---|
            | boolean | `true` or `false`; `yes`, `no`, `on` and `off` too | the same; `1` and `0` too |
            | duration | `250ms`, `30s`, `5m`, `2h`, `1d`, or a number of seconds | the same |
            | size | `512B`, `16KiB`, `25MB`, `1GiB`, or a number of bytes | the same |
            | list | `[a, b]` or a line `- a` for each | `a,b` or `[a, b]` |
            | map | a line `name: value` for each | `name=value,other=value` or `{name: value}` |
            | listeners | `- { port: 8004, apis: [speech, openai] }` | `8004=speech+openai,8080=openai` |
            | secret | text; never shown again | the same |

            `null` takes the value away where a setting may have none. An empty variable counts as not set.

            """
        for group in SettingKeys.table.wholeTree {
            let kind = type(of: group)
            text += "\n## \(kind.title)\n\n\(kind.summary)\n\n"
            text +=
                "| key | type | default | allowed | change | environment | meaning |\n|---|---|---|---|---|---|---|\n"
            for key in group.keys { text += row(key) }
        }
        text += """

            ## Old names

            The `config.yaml` of an STTS server is accepted in place of `antiphon.yaml`, and so are its variables. Each use \
            of an old name gives a warning; what has no counterpart has no effect and is named in a warning.

            | old name | variable | new name |
            |---|---|---|

            """
        for alias in SettingAlias.all {
            let note = if case .port(let api) = alias.meaning { " (port of the API `\(api.rawValue)`)" } else { "" }
            text += "| `\(alias.oldName)` | `\(alias.environmentName)` | `\(alias.newName)`\(note) |\n"
        }
        return text
    }

    private static func row(_ key: any StorableKey) -> String {
        let cells = [
            "`\(key.path)`", key.type, "`\(key.defaultSettingValue.yaml)`", key.range, key.effect.rawValue,
            "`\(key.environmentName)`", key.summary,
        ]
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }
}
