import CZlib
import Foundation

public enum GzipError: Error, Equatable {
    /// zlib's code.
    case failed(Int32)
}

/// A gzip member (RFC 1952), at zlib's usual level.
public func gzip(_ data: Data) throws -> Data {
    var stream = z_stream()
    let gzipWindow = MAX_WBITS + 16
    let begun = deflateInit2_(
        &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)
    )
    guard begun == Z_OK else { throw GzipError.failed(begun) }
    defer { deflateEnd(&stream) }
    var input = [UInt8](data)
    // A buffer of the bound takes the whole in one step.
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(input.count))))
    let ended: Int32 = input.withUnsafeMutableBufferPointer { from in
        output.withUnsafeMutableBufferPointer { into in
            stream.next_in = from.baseAddress
            stream.avail_in = uInt(from.count)
            stream.next_out = into.baseAddress
            stream.avail_out = uInt(into.count)
            return deflate(&stream, Z_FINISH)
        }
    }
    guard ended == Z_STREAM_END else { throw GzipError.failed(ended) }
    return Data(output.prefix(Int(stream.total_out)))
}

/// The content of a gzip member of at most `limit` bytes.
public func gunzip(_ data: Data, limit: Int = 64 << 20) throws -> Data {
    var stream = z_stream()
    let begun = inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard begun == Z_OK else { throw GzipError.failed(begun) }
    defer { inflateEnd(&stream) }
    var input = [UInt8](data)
    var content = Data()
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    let size = chunk.count
    return try input.withUnsafeMutableBufferPointer { from in
        stream.next_in = from.baseAddress
        stream.avail_in = uInt(from.count)
        while true {
            let status: Int32 = chunk.withUnsafeMutableBufferPointer { into in
                stream.next_out = into.baseAddress
                stream.avail_out = uInt(size)
                return inflate(&stream, Z_NO_FLUSH)
            }
            content.append(contentsOf: chunk.prefix(size - Int(stream.avail_out)))
            if status == Z_STREAM_END { return content }
            guard status == Z_OK, content.count <= limit else { throw GzipError.failed(status) }
        }
    }
}
