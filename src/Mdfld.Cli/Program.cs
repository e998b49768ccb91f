using System.Text;
using Mdfld.Cli;
using Mdfld.Cli.Commands;
using Microsoft.Win32.SafeHandles;

args = RawArguments.Of(args);
// What cannot be said on a closed or full stderr must not end a run.
Console.SetError(new ForgivingWriter(Console.Error));
// Console.Out drops what a closed pipe does not take; a file handle says so, and a long run into `head` can end.
if (!Console.IsOutputRedirected || OperatingSystem.IsWindows())
    return await CommandLine.RunAsync(args, Console.Out, Console.Error);
using var handle = new SafeFileHandle(1, ownsHandle: false);
await using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
if (stream.CanSeek)
    return await CommandLine.RunAsync(args, Console.Out, Console.Error);
await using var output = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
return await CommandLine.RunAsync(args, output, Console.Error);
