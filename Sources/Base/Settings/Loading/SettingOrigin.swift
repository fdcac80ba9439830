/// Where a value comes from.
public enum SettingOrigin: Sendable, Hashable {
    /// Nobody set it.
    case standard
    /// Nobody set it, and the default gave way to something better, such as a folder that was found.
    case fallback(reason: String)
    /// A settings file; line and column count from 1, the column in Unicode scalars.
    case file(path: String, line: Int, column: Int)
    /// A variable of the environment.
    case environment(name: String)
    /// A line of an `.env` file.
    case dotEnv(path: String, line: Int)
    /// An option of the command line, such as `--set bind`.
    case commandLine(option: String)
    /// A change at run time.
    case change
}

extension SettingOrigin: CustomStringConvertible {
    /// Such as `antiphon.yaml:12:5` or `environment ANTIPHON_BIND`.
    public var description: String {
        switch self {
        case .standard: "default"
        case .fallback(let reason): "default, \(reason)"
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .environment(let name): "environment \(name)"
        case .dotEnv(let path, let line): "\(path):\(line)"
        case .commandLine(let option): "command line \(option)"
        case .change: "change"
        }
    }
}
