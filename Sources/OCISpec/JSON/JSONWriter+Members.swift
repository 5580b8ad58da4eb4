// Members that may be absent: nil writes nothing, an empty array or map writes itself.

extension JSONWriter {
    /// Writes a string member.
    package mutating func member(_ key: String, _ value: String?) {
        guard let value else { return }
        self.key(key)
        self.value(value)
    }

    /// Writes a truth value member.
    package mutating func member(_ key: String, _ value: Bool?) {
        guard let value else { return }
        self.key(key)
        self.value(value)
    }

    /// Writes an integer member.
    package mutating func member<T: FixedWidthInteger>(_ key: String, _ value: T?) {
        guard let value else { return }
        self.key(key)
        self.value(value)
    }

    /// Writes a member with a word of an enumeration.
    package mutating func member<E: RawRepresentable<String>>(_ key: String, _ value: E?) {
        member(key, value?.rawValue)
    }

    /// Writes an object member.
    package mutating func member<T: JSONObject>(_ key: String, _ value: T?) {
        guard let value else { return }
        self.key(key)
        object { value.writeMembers(to: &$0) }
    }

    /// Writes an array of strings.
    package mutating func member(_ key: String, _ values: [String]?) {
        guard let values else { return }
        self.key(key)
        array { writer in
            for value in values { writer.value(value) }
        }
    }

    /// Writes an array of integers.
    package mutating func member<T: FixedWidthInteger>(_ key: String, _ values: [T]?) {
        guard let values else { return }
        self.key(key)
        array { writer in
            for value in values { writer.value(value) }
        }
    }

    /// Writes an array of words of an enumeration.
    package mutating func member<E: RawRepresentable<String>>(_ key: String, _ values: [E]?) {
        member(key, values?.map { $0.rawValue })
    }

    /// Writes an array of objects.
    package mutating func member<T: JSONObject>(_ key: String, _ values: [T]?) {
        guard let values else { return }
        self.key(key)
        array { writer in
            for value in values {
                writer.object { value.writeMembers(to: &$0) }
            }
        }
    }

    /// Writes a map from names to strings.
    package mutating func member(_ key: String, _ entries: [StringEntry]?) {
        guard let entries else { return }
        self.key(key)
        object { writer in
            for entry in entries { writer.member(entry.key, entry.value) }
        }
    }

    /// Writes a map from names to objects.
    package mutating func member<T: JSONEntry>(_ key: String, _ entries: [T]?) {
        guard let entries else { return }
        self.key(key)
        object { writer in
            for entry in entries {
                writer.key(entry.key)
                writer.object { entry.writeMembers(to: &$0) }
            }
        }
    }
}
