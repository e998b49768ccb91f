using Mdfld.Training;

namespace Mdfld.Cli.Training;

/// <summary>Work of one of several processes.</summary>
internal static class MpiJob
{
    /// <summary>Does it; where it fails, all processes end, since the others would wait for ever.</summary>
    public static T Run<T>(ProcessGroup? group, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (group is { Size: > 1 })
        {
            Console.Error.WriteLine($"mdfld: process {group.Rank} of {group.Size} ends all: {CommandLine.Describe(e)}");
            ProcessGroup.Abort();
            throw;
        }
    }
}
