extension TopicName {
    /// How trainings go; clients of `/ws` follow it without asking.
    public static let training = TopicName(unchecked: "training")
    /// Models that come, change and go; clients of `/ws` follow it without asking.
    public static let models = TopicName(unchecked: "models")
}
