/// Writes the members of a JSON object, such as `{ $0.member("accuracy", 0.91) }`.
public typealias JSONMembers = (inout JSONWriter) -> Void
