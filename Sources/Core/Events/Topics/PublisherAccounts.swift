/// How much of the memory of all topics each publisher takes. A topic counts for whoever published to it last.
struct PublisherAccounts: Sendable {
    /// What the topics of one publisher take.
    struct Account: Sendable {
        /// Who publishes; nil for the program itself, and for everybody on a server that asks for no keys.
        fileprivate(set) var publisher: String?
        fileprivate(set) var topics = 0
        fileprivate(set) var historyBytes = 0
        fileprivate(set) var stateBytes = 0
    }

    /// The account of whoever has no name.
    static let nameless = 0

    private var accounts = [Account()]
    private var numbers: [String: Int] = [:]
    private var free: [Int] = []

    subscript(number: Int) -> Account { accounts[number] }

    /// The number of a publisher's account.
    mutating func number(of publisher: String?) -> Int {
        guard let publisher else { return Self.nameless }
        if let number = numbers[publisher] { return number }
        let number = free.popLast() ?? accounts.count
        if number == accounts.count { accounts.append(Account()) }
        accounts[number] = Account(publisher: publisher)
        numbers[publisher] = number
        return number
    }

    /// A topic begins to count for an account.
    mutating func open(_ number: Int, historyBytes: Int = 0, stateBytes: Int = 0) {
        accounts[number].topics += 1
        change(number, historyBytes: historyBytes, stateBytes: stateBytes)
    }

    /// A topic does not count for an account any more. One without topics is forgotten.
    mutating func close(_ number: Int, historyBytes: Int, stateBytes: Int) {
        accounts[number].topics -= 1
        change(number, historyBytes: -historyBytes, stateBytes: -stateBytes)
        guard accounts[number].topics == 0, let publisher = accounts[number].publisher else { return }
        numbers[publisher] = nil
        accounts[number].publisher = nil
        free.append(number)
    }

    /// The topics of an account take more, or less.
    mutating func change(_ number: Int, historyBytes: Int, stateBytes: Int) {
        accounts[number].historyBytes += historyBytes
        accounts[number].stateBytes += stateBytes
    }

    /// The account whose histories take most.
    var largest: Int {
        accounts.indices.max { accounts[$0].historyBytes < accounts[$1].historyBytes } ?? Self.nameless
    }
}
