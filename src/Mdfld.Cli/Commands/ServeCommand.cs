using System.Net;
using Mdfld.Studio;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld serve</c>: detection over HTTP.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var address = SharedOptions.Value(
            "--address", "IP", "Address to listen on; any but 127.0.0.1 lets other machines in", "127.0.0.1");
        var port = SharedOptions.Number("--port", "N", "Port to listen on; 0: a free one", 8080, 0, 65535);
        var token = SharedOptions.Text("--token", "WORD", "What every path has to begin with: http://.../WORD/v1/detect");
        var workers = SharedOptions.Number("--workers", "N", "Pictures worked on at a time", 1, 1, 256);
        var waiting = SharedOptions.Number("--waiting", "N", "Requests that may wait; more are answered with 503", 64, 0, 100_000);
        var largest = SharedOptions.Number("--max-bytes", "N", "The largest request", 20_000_000L, 1, 1_000_000_000L);
        var pixels = SharedOptions.MaxPixels();
        var limit = SharedOptions.Number("--time-limit", "SECONDS", "What a request may take", 30.0, 0.1, 3600.0);
        var model = SharedOptions.Model();
        var finder = new FinderOptions();
        var device = SharedOptions.Device();
        var command = new Command("serve", "Answers HTTP requests: a picture in, its faces as JSON out.")
        {
            address, port, token, workers, waiting, largest, pixels, limit, model, finder, device,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var console = parsed.InvocationConfiguration;
            if (!IPAddress.TryParse(parsed.GetRequiredValue(address), out var ip))
                throw new UsageException($"--address {parsed.GetRequiredValue(address)}: expected an IP address");
            var word = parsed.GetValue(token);
            if (word is not null && (word.Length == 0 || !word.All(char.IsAsciiLetterOrDigit)))
                throw new UsageException("--token: expected letters and digits");
            var options = finder.Apply(parsed, new DetectorOptions
            {
                Device = parsed.GetRequiredValue(device),
                Threads = Math.Max(1, Environment.ProcessorCount / parsed.GetValue(workers)),
            });
            using var detector = ModelFolder.Load(
                parsed.GetRequiredValue(model), options, new CodeTrust(false, console.Error));
            await using var server = await DetectionServer.StartAsync(
                detector,
                new DetectionSettings
                {
                    Workers = parsed.GetValue(workers),
                    Waiting = parsed.GetValue(waiting),
                    LargestPicture = parsed.GetValue(pixels),
                    Limit = TimeSpan.FromSeconds(parsed.GetValue(limit)),
                    Token = word,
                    Server = new ServerSettings
                    {
                        Address = ip,
                        Port = parsed.GetValue(port),
                        LargestRequest = parsed.GetValue(largest),
                    },
                },
                stop);
            console.Output.WriteLine(server.Address);
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, CancellationToken.None);
            return 0;
        });
        return command;
    }
}
