import Foundation

/// How far each type of sample was read: an opaque mark a type, a file each.
public final class AnchorStore: @unchecked Sendable {
    private let directory: URL

    public init(directory: URL) throws {
        self.directory = directory
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    public func anchor(of type: String) -> Data? { try? Data(contentsOf: file(type)) }

    /// Save it only once everything before it is in the queue.
    public func save(_ anchor: Data, of type: String) throws { try anchor.write(to: file(type), options: .atomic) }

    /// Read everything again.
    public func removeAll() throws {
        try FileManager.default.removeItem(at: directory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    private func file(_ type: String) -> URL {
        directory.appendingPathComponent(type.filter { $0.isLetter || $0.isNumber } + ".anchor")
    }
}
