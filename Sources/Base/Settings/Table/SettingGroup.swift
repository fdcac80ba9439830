/// Keys that belong together: a section of the settings file.
public protocol SettingGroup: Sendable {
    /// The heading in the documentation.
    static var title: String { get }
    /// What the section is about, for the documentation.
    static var summary: String { get }
}

extension SettingGroup {
    /// The keys of this group, in the order in which they are written down.
    var keys: [any StorableKey] {
        Mirror(reflecting: self).children.compactMap { $0.value as? any StorableKey }
    }

    /// The groups in this group, in the order in which they are written down.
    var groups: [any SettingGroup] {
        Mirror(reflecting: self).children.compactMap { $0.value as? any SettingGroup }
    }

    /// This group and those in it.
    var wholeTree: [any SettingGroup] {
        [self] + groups.flatMap { $0.wholeTree as [any SettingGroup] }
    }
}
