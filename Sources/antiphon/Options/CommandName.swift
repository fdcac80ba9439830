import ArgumentParser
import Settings

/// Commands by the names that people type.
enum CommandName {
    /// What is wrong with the names of commands that `arguments` begin with, and which were probably meant; nil when all
    /// exist.
    static func problem(in arguments: [String]) -> Problem? {
        var command: any ParsableCommand.Type = Antiphon.self
        var path = ["antiphon"]
        for argument in arguments {
            let below = command.configuration.subcommands
            // What follows a command without others below it, or an option, is not a command's name.
            guard !below.isEmpty, !argument.hasPrefix("-") else { return nil }
            if argument == "help", path.count == 1 { continue }
            guard let found = below.first(where: { names(of: $0).contains(argument) }) else {
                let suggestion = Suggestion.nearest(to: argument, among: below.flatMap(names))
                let hint = suggestion.map { " did you mean \((path + [$0]).joined(separator: " "))?" } ?? ""
                return Problem(
                    "There is no command “\(TerminalLine.cut(argument, to: 40))”;\(hint) "
                        + "\(path.joined(separator: " ")) --help lists the commands.",
                    status: Problem.usage
                )
            }
            command = found
            path.append(argument)
        }
        return nil
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [command._commandName] + command.configuration.aliases
    }
}
