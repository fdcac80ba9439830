/// The greeting of a new connection: `HELLO 3` with the credentials, or `AUTH` for servers that do not know it, then the
/// choice of the database.
struct RedisHandshake {
    enum Action {
        case send(RedisCommand)
        case done
        case fail(RedisError)
    }

    private enum Step { case hello, authenticate, select }

    private let configuration: RedisConfiguration
    private var step = Step.hello

    init(_ configuration: RedisConfiguration) {
        self.configuration = configuration
    }

    /// The first command.
    func start() -> RedisCommand {
        var arguments: [RedisCommand.Argument] = [3]
        if let password = configuration.password {
            arguments += ["AUTH", .text(configuration.user ?? "default"), .text(password)]
        }
        return RedisCommand("HELLO", arguments)
    }

    /// Takes the reply to the last command.
    mutating func received(_ reply: RESPValue) -> Action {
        guard case .error(let message) = reply else {
            return step == .select ? .done : select()
        }
        let code = message.prefix { $0 != " " }
        switch step {
        case .hello where code == "NOPROTO" || message.lowercased().hasPrefix("err unknown command"):
            guard let password = configuration.password else { return select() }
            step = .authenticate
            let user = configuration.user.map { [RedisCommand.Argument.text($0)] } ?? []
            return .send(RedisCommand("AUTH", user + [.text(password)]))
        case .select where code != "NOAUTH":
            return .fail(.connectFailed(reason: "database \(configuration.database) cannot be chosen: \(message)"))
        case .hello where !["NOAUTH", "WRONGPASS", "NOPERM"].contains(code):
            return .fail(.connectFailed(reason: message))
        default:
            return .fail(.authenticationFailed(reason: message))
        }
    }

    private mutating func select() -> Action {
        guard configuration.database != 0 else { return .done }
        step = .select
        return .send(RedisCommand("SELECT", .number(configuration.database)))
    }
}
