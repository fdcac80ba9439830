import Events

/// What there is to see of a topic, as members of a JSON object: the same over WebSockets and HTTP.
enum TopicViews {
    static func write(_ members: [Member], of topic: TopicName, to writer: inout JSONWriter) {
        writer.member("topic", topic.text)
        writer.array("members") { writer in
            for member in members {
                writer.object { writer in
                    writer.member("connection_id", member.id)
                    writer.member("name", member.name)
                }
            }
        }
    }

    static func write(_ recovery: Recovery?, of topic: TopicName, since: Position?, to writer: inout JSONWriter) {
        writer.member("topic", topic.text)
        writer.member("epoch", recovery?.position.epoch)
        writer.member("offset", recovery?.position.offset ?? 0)
        // Of a topic that is not there nothing is missing, unless the reader knows of something.
        writer.member("recovered", recovery?.isComplete ?? (since == nil))
        writer.array("messages") { writer in
            for publication in recovery?.publications ?? [] {
                writer.object { writer in
                    Self.write(publication, to: &writer)
                    guard let key = publication.stateKey else { return }
                    writer.member("state_key", key)
                    if publication.isRemoval { writer.member("remove", true) }
                }
            }
        }
    }

    static func write(_ snapshot: StateSnapshot?, of topic: TopicName, to writer: inout JSONWriter) {
        writer.member("topic", topic.text)
        writer.member("epoch", snapshot?.position.epoch)
        writer.member("offset", snapshot?.position.offset ?? 0)
        writer.array("entries") { writer in
            for entry in snapshot?.entries ?? [] {
                writer.object { writer in
                    writer.member("key", entry.stateKey)
                    Self.write(entry, to: &writer)
                }
            }
        }
    }

    private static func write(_ publication: Publication, to writer: inout JSONWriter) {
        writer.member("type", publication.type)
        writer.member("data", raw: publication.data)
        writer.member("timestamp", publication.timestamp)
        writer.member("offset", publication.offset)
    }
}
