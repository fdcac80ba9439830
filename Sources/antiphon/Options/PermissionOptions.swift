import ArgumentParser
import Events
import Serving

/// What a key or token may do with which topics.
struct PermissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Topics it may publish to: a/b, all below a with a/*, or *. May be given several times.",
            valueName: "pattern"
        ),
        transform: { try TopicPattern($0) }
    )
    var publish: [TopicPattern] = []

    @Option(
        help: ArgumentHelp("Topics it may subscribe to. May be given several times.", valueName: "pattern"),
        transform: { try TopicPattern($0) }
    )
    var subscribe: [TopicPattern] = []

    @Option(
        help: ArgumentHelp(
            "Topics whose presence it may join and see. May be given several times.",
            valueName: "pattern"
        ),
        transform: { try TopicPattern($0) }
    )
    var presence: [TopicPattern] = []

    /// The permissions that were given; nil if there were none.
    var permissions: Permissions? {
        let given = Permissions(publish: publish, subscribe: subscribe, presence: presence)
        return given == .nothing ? nil : given
    }
}
