using System.Text;
using Mdfld.Cli.Commands;
using Microsoft.Win32.SafeHandles;

// Console.Out drops what a closed pipe does not take; a file handle says so, and a long run into `head` can end.
using var handle = new SafeFileHandle(1, ownsHandle: false);
if (!Console.IsOutputRedirected || handle.IsInvalid)
    return await CommandLine.RunAsync(args, Console.Out, Console.Error);
await using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
if (stream.CanSeek)
    return await CommandLine.RunAsync(args, Console.Out, Console.Error);
await using var output = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
return await CommandLine.RunAsync(args, output, Console.Error);
