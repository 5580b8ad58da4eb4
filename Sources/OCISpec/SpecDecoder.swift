/// A decoded `config.json`.
package typealias DecodedSpec = Decoded<Spec>

extension Decoded where Value == Spec {
    /// The configuration.
    package var spec: Spec { value }
}

/// Decodes the documents of the specification.
///
/// Unknown properties are ignored, as the specification demands, and can be listed; `null` means
/// absent; everything else that does not fit is an error.
package enum SpecDecoder {
    /// Decodes `config.json`.
    ///
    /// - Throws: All mistakes of the document at once.
    package static func decode(
        _ bytes: [UInt8], fileName: String = "config.json"
    ) throws(SpecError) -> DecodedSpec {
        try JSONDocument.read(bytes, fileName: fileName, Spec.init)
    }

    /// Decodes `config.json` as far as it goes, for a caller that validates it as well and reports
    /// the mistakes of both at once.
    ///
    /// - Throws: mistakes of the syntax, after which there is nothing to validate.
    package static func decodeAll(
        _ bytes: [UInt8], fileName: String = "config.json"
    ) throws(SpecError) -> (DecodedSpec, SpecError?) {
        try JSONDocument.readAll(bytes, fileName: fileName, Spec.init)
    }

    /// Decodes a `process` object on its own, as `exec --process` takes it.
    ///
    /// - Throws: All mistakes of the document at once.
    package static func decodeProcess(
        _ bytes: [UInt8], fileName: String
    ) throws(SpecError) -> Decoded<Process> {
        try JSONDocument.read(bytes, fileName: fileName, Process.init)
    }

    /// Decodes a `resources` object on its own, as `update --resources` takes it.
    ///
    /// - Throws: All mistakes of the document at once.
    package static func decodeResources(
        _ bytes: [UInt8], fileName: String
    ) throws(SpecError) -> Decoded<Resources> {
        try JSONDocument.read(bytes, fileName: fileName, Resources.init)
    }

    /// Decodes an array like `mounts`, on its own or as that member of an object, as `mounts add`
    /// takes it.
    ///
    /// - Throws: All mistakes of the document at once.
    package static func decodeMounts(
        _ bytes: [UInt8], fileName: String
    ) throws(SpecError) -> Decoded<[Mount]> {
        // Mistakes of an array are told as those of the member that it stands for.
        let isArray = bytes.first { $0 > UInt8(ascii: " ") } == UInt8(ascii: "[")
        let whole = isArray ? Array("{\"mounts\":".utf8) + bytes + [UInt8(ascii: "}")] : bytes
        return try JSONDocument.read(whole, fileName: fileName) { object in
            guard let mounts: [Mount] = object.objects("mounts") else {
                object.reject("mounts", "the property mounts is missing")
                return []
            }
            return mounts
        }
    }
}
