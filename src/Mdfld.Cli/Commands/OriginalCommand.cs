using Mdfld.Cli.Original;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld original</c>: replaces the original's <c>python test.py</c>.</summary>
internal static class OriginalCommand
{
    public static Command Create()
    {
        var flags = new Argument<string[]>("FLAG")
        {
            Description = "--name=value or --name value:\n" + string.Join(
                '\n', OriginalFlags.All.Select(f => $"--{f.Name} [{f.Default ?? "None"}] {f.Help}")),
            Arity = ArgumentArity.ZeroOrMore,
        };
        var trustCode = SharedOptions.TrustCode();
        return new Command("original", "Takes the flags of the original's test.py (docs/original.md).")
        {
            flags, trustCode,
        }.Does((parsed, stop) => Run(
            parsed.GetValue(flags) ?? [], parsed.GetValue(trustCode), parsed.InvocationConfiguration.Error, stop));
    }

    private static int Run(string[] arguments, bool trustCode, TextWriter error, CancellationToken stop)
    {
        var job = OriginalJob.Of(OriginalFlags.Parse(arguments)) with { Trust = new CodeTrust(trustCode, error) };
        var log = new OriginalLog(job.WorkFolder, error);
        switch (job.Mode)
        {
            case "train":
                return OriginalTrain.Run(job, log, stop);
            case "test":
                OriginalTest.Run(job, log, stop);
                return 0;
            default:
                return OriginalTestImages.Run(job, log, stop);
        }
    }
}
