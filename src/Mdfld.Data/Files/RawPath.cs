using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace Mdfld.Data;

/// <summary>A path in Linux's own bytes, and the functions of its C library that take it.</summary>
internal sealed unsafe partial class RawPath
{
    // Of <fcntl.h> and <dirent.h>, the same on x64 and arm64.
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int NameInEntry = 19;

    private const int NoSuchFile = 2;
    private const int NotPermitted = 13;

    private readonly byte[] _bytes;
    private readonly string _path;

    private RawPath(byte[] bytes, string path) => (_bytes, _path) = (bytes, path);

    /// <summary>Nothing is left out.</summary>
    public static EnumerationOptions All { get; } = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>True of a folder, and of a link to one.</summary>
    public bool IsFolder
    {
        get
        {
            using var file = Open(_bytes, PathOnly);
            return !file.IsInvalid && Directory.Exists(NameOf(file));
        }
    }

    private bool Exists
    {
        get
        {
            using var file = Open(_bytes, PathOnly);
            return !file.IsInvalid;
        }
    }

    private bool IsLink
    {
        get
        {
            byte target;
            return ReadLink(Terminated(_bytes), &target, 1) >= 0;
        }
    }

    /// <summary>The file or folder that a path leads to by escaped bytes; null where there is none.</summary>
    public static RawPath? Find(string path)
    {
        if (!IsSupported || !path.Contains('%'))
            return null;
        var found = path.StartsWith('/') ? new RawPath("/"u8.ToArray(), "/") : new RawPath("."u8.ToArray(), ".");
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var plain = found.With(Encoding.UTF8.GetBytes(part), path);
            found = plain.Exists ? plain : found.With(Unescaped(part), path);
        }
        return Utf8.IsValid(found._bytes) || !found.Exists ? null : found;
    }

    /// <summary>A path that is UTF-8; null on other systems.</summary>
    public static RawPath? Of(string path) => IsSupported ? new RawPath(Encoding.UTF8.GetBytes(path), path) : null;

    /// <summary>As <see cref="FileNames"/> writes bytes.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        // Folders in front may well be UTF-8, with a % of their own.
        var slash = bytes.LastIndexOf((byte)'/');
        if (slash >= 0)
            return $"{Text(bytes[..slash])}/{Text(bytes[(slash + 1)..])}";
        return Readable(bytes);
    }

    private static string Readable(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            var isRune = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            if (isRune && rune.Value != '%')
                text.Append(rune.ToString());
            else
                text.Append(Escaped(bytes[..length]));
            bytes = bytes[length..];
        }
        return text.ToString();
    }

    /// <summary>Opens it to be read; a pipe that nobody writes to is empty.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public SafeFileHandle Open()
    {
        var file = Open(_bytes, NonBlocking);
        return file.IsInvalid ? throw Error() : file;
    }

    /// <summary>See <see cref="FileNames.Entries"/>.</summary>
    public List<FolderEntry> Entries()
    {
        var folder = OpenFolder(Terminated(_bytes));
        if (folder == 0)
            throw Error();
        var entries = new List<FolderEntry>();
        try
        {
            while (ReadFolder(folder) is not 0 and var entry)
            {
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + NameInEntry);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    entries.Add(Entry(name.ToArray()));
            }
        }
        finally
        {
            CloseFolder(folder);
        }
        return entries;
    }

    private FolderEntry Entry(byte[] name)
    {
        var file = With(name, _path);
        var text = Text(name);
        // Where that is another file's name, more bytes are written so.
        if (!Utf8.IsValid(name))
        {
            for (var i = 0; i < name.Length && With(Encoding.UTF8.GetBytes(text), _path).Exists; i++)
                text = Escaped(name.AsSpan(0, i + 1)) + Readable(name.AsSpan(i + 1));
        }
        var attributes = (file.IsFolder ? FileAttributes.Directory : 0)
            | (file.IsLink ? FileAttributes.ReparsePoint : 0) | (name[0] == '.' ? FileAttributes.Hidden : 0);
        return new FolderEntry(text, attributes);
    }

    private RawPath With(byte[] name, string path) => new(
        [.. _bytes, .. _bytes is [.., (byte)'/'] ? ""u8 : "/"u8, .. name], path);

    private Exception Error() => Marshal.GetLastPInvokeError() switch
    {
        NoSuchFile => new FileNotFoundException($"{_path}: no such file", _path),
        NotPermitted => new UnauthorizedAccessException($"{_path}: may not be read"),
        var other => new IOException($"{_path}: {Marshal.GetPInvokeErrorMessage(other)}"),
    };

    private static string Escaped(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var b in bytes)
            text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        return text.ToString();
    }

    /// <summary>The bytes of a name; itself where they would be UTF-8 and need no escapes.</summary>
    private static byte[] Unescaped(string name)
    {
        var plain = Encoding.UTF8.GetBytes(name);
        var bytes = new List<byte>(plain.Length);
        for (var i = 0; i < plain.Length; i++)
        {
            if (plain[i] == '%' && i + 2 < plain.Length && byte.TryParse(
                plain.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                && value is not (0 or (byte)'/'))
            {
                bytes.Add(value);
                i += 2;
            }
            else
            {
                bytes.Add(plain[i]);
            }
        }
        byte[] unescaped = [.. bytes];
        return Utf8.IsValid(unescaped) ? plain : unescaped;
    }

    /// <summary>The path by which .NET reaches an open file.</summary>
    private static string NameOf(SafeFileHandle file) =>
        string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}");

    private static byte[] Terminated(byte[] bytes) => [.. bytes, 0];

    private static SafeFileHandle Open(byte[] path, int flags) => Open(Terminated(path), flags | CloseOnExec, 0);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial SafeFileHandle Open(ReadOnlySpan<byte> path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "readlink")]
    private static partial nint ReadLink(ReadOnlySpan<byte> path, byte* target, nint length);

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true)]
    private static partial nint OpenFolder(ReadOnlySpan<byte> path);

    [LibraryImport("libc", EntryPoint = "readdir")]
    private static partial nint ReadFolder(nint folder);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int CloseFolder(nint folder);
}
