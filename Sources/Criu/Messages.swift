/// What can be asked of CRIU; the raw values are those of `criu_req_type`.
package enum RequestKind: UInt32, Sendable {
    case empty = 0
    case dump = 1
    case restore = 2
    case preDump = 4
    case notify = 6
    case featureCheck = 9
    case version = 10

    /// The name as CRIU and its other callers write it.
    package var name: String {
        switch self {
        case .empty: "EMPTY"
        case .dump: "DUMP"
        case .restore: "RESTORE"
        case .preDump: "PRE_DUMP"
        case .notify: "NOTIFY"
        case .featureCheck: "FEATURE_CHECK"
        case .version: "VERSION"
        }
    }
}

/// What a kernel and a CRIU can do (`criu_features`).
package struct CriuFeatures: Equatable, Sendable {
    /// Which pages changed since the last dump is known.
    package var tracksMemory = false
    /// Memory can follow on demand (userfaultfd(2)).
    package var lazyPages = false

    /// Features.
    package init(tracksMemory: Bool = false, lazyPages: Bool = false) {
        self.tracksMemory = tracksMemory
        self.lazyPages = lazyPages
    }
}

/// One message to CRIU (`criu_req`).
package struct Request: Equatable, Sendable {
    /// What is asked.
    package var kind: RequestKind
    /// For a dump or a restore.
    package var options: RequestOptions?
    /// The answer to a notification.
    package var success: Bool?
    /// Whether another request follows on this connection.
    package var keepsOpen = false
    /// The features that a check asks about.
    package var features: CriuFeatures?

    /// A request without further fields.
    package init(_ kind: RequestKind, _ options: RequestOptions? = nil) {
        self.kind = kind
        self.options = options
    }

    /// The message as it is sent.
    package func encoded() -> [UInt8] {
        var writer = ProtobufWriter()
        writer.field(1, kind.rawValue)
        if let options { writer.field(2, options.encoded()) }
        if let success { writer.field(3, success) }
        writer.flag(4, keepsOpen)
        if let features {
            var inner = ProtobufWriter()
            inner.flag(1, features.tracksMemory)
            inner.flag(2, features.lazyPages)
            writer.field(5, inner)
        }
        return writer.bytes
    }
}

/// One message from CRIU (`criu_resp`).
package struct Response: Equatable, Sendable {
    /// The version of CRIU.
    package struct Version: Equatable, Sendable, Comparable {
        /// 3 of 3.17.1.
        package var major: Int32
        /// 17 of 3.17.1.
        package var minor: Int32

        /// A version.
        package init(_ major: Int32, _ minor: Int32) {
            self.major = major
            self.minor = minor
        }

        package static func < (left: Version, right: Version) -> Bool {
            (left.major, left.minor) < (right.major, right.minor)
        }
    }

    /// Nil for a kind that is not known here.
    package var kind: RequestKind?
    /// Whether what was asked is done.
    package var success = false
    /// The process that was restored.
    package var restoredPid: Int32?
    /// What CRIU has come to, when it notifies.
    package var script = ""
    /// The process that a notification is about.
    package var scriptPid: Int32?
    /// An error number of CRIU, 0 when it has none to give.
    package var errorNumber: Int32 = 0
    /// CRIU's own words for it; empty when it has none.
    package var errorMessage = ""
    /// What a check has found.
    package var features = CriuFeatures()
    /// In the answer to a question for it alone.
    package var version: Version?

    /// An empty message.
    package init() {}

    /// Parses a message; fields that are not known are skipped.
    package init(_ bytes: [UInt8]) throws(ProtobufReader.Malformed) {
        var reader = ProtobufReader(bytes[...])
        while let (number, value) = try reader.next() {
            switch number {
            case 1: kind = RequestKind(rawValue: UInt32(bitPattern: try value.int32()))
            case 2: success = try value.bool()
            case 4: restoredPid = try Self.number(1, in: value)
            case 5: try readNotification(value)
            case 7: errorNumber = try value.int32()
            case 8:
                features.tracksMemory = try Self.number(1, in: value) == 1
                features.lazyPages = try Self.number(2, in: value) == 1
            case 9: errorMessage = try value.text()
            case 10:
                version = Version(
                    try Self.number(1, in: value) ?? 0, try Self.number(2, in: value) ?? 0)
            default: continue
            }
        }
    }

    private mutating func readNotification(
        _ value: ProtobufReader.Value
    ) throws(ProtobufReader.Malformed) {
        var reader = ProtobufReader(try value.message())
        while let (number, value) = try reader.next() {
            switch number {
            case 1: script = try value.text()
            case 2: scriptPid = try value.int32()
            default: continue
            }
        }
    }

    /// A number of a message inside this one.
    private static func number(
        _ wanted: UInt32, in value: ProtobufReader.Value
    ) throws(ProtobufReader.Malformed) -> Int32? {
        var reader = ProtobufReader(try value.message())
        var result: Int32?
        while let (number, value) = try reader.next() {
            if number == wanted { result = try value.int32() }
        }
        return result
    }
}
