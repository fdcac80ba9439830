import ArgumentParser
import Audio
import Dialogue
import Foundation
import Serving
import Settings
import Speech
import Storage

@main
enum Main {
    static func main() async {
        // A reader that goes away is reported by the write that fails.
        signal(SIGPIPE, SIG_IGN)
        var status: Int32 = 0
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            if let problem = CommandName.problem(in: arguments) { throw problem }
            var command = try Antiphon.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            status = self.status(after: error)
        }
        end(status)
    }

    /// Ends the process without the handlers of `exit`. They take the engines' libraries apart, while work that was
    /// given up still winds down in them and models are freed on threads of their own.
    private static func end(_ status: Int32) -> Never {
        let isWritten = fflush(nil) == 0 || errno == EPIPE
        if !isWritten { Terminal.complain("The output could not be written: \(String(cString: strerror(errno))).") }
        _exit(status == 0 && !isWritten ? Problem.failure : status)
    }

    /// Tells the user about `error` and returns the program's exit status.
    private static func status(after error: any Error) -> Int32 {
        switch error {
        case let status as ExitCode:
            return status.rawValue
        case let problem as Problem:
            Terminal.complain(problem.description)
            return problem.status
        case let error as SpeechError:
            Terminal.complain(error.description)
            return Problem.status(of: error)
        case let error as AudioError:
            Terminal.complain(error.description)
            return Problem.usage
        case let error as ScriptError:
            Terminal.complain(error.description)
            return Problem.usage
        case let error as ResponderError:
            Terminal.complain(error.description)
            return Problem.failure
        case let error as SettingsError:
            for line in String(describing: error).split(separator: "\n") { Terminal.complain(String(line)) }
            return Problem.usage
        case let error as StorageError:
            Terminal.complain(error.description)
            return Problem.usage
        case let error as ListenerService.Failure:
            Terminal.complain(error.description)
            return Problem.usage
        case is CancellationError:
            return Problem.failure
        default:
            let message = Antiphon.fullMessage(for: error)
            if Antiphon.exitCode(for: error).isSuccess {
                print(message)
                return 0
            }
            Terminal.write(message + "\n")
            return Problem.usage
        }
    }
}

/// Something that ends the program with a message.
struct Problem: Error, CustomStringConvertible {
    /// The status for work that failed.
    static let failure: Int32 = 1
    /// The status for wrong usage and for a wrong environment.
    static let usage: Int32 = 2

    let description: String
    let status: Int32

    init(_ description: String, status: Int32 = Problem.failure) {
        self.description = description
        self.status = status
    }

    static func status(of error: SpeechError) -> Int32 {
        switch error {
        case .unknownVoice, .unknownEngine, .speedOutOfRange, .languageNotUnderstood, .nothingToSay, .textTooLong,
            .unavailable:
            usage
        case .busy, .failed, .refused, .producedNothing, .allFailed: failure
        case .voiceUnusable(_, let cause, _): status(of: cause)
        }
    }
}
