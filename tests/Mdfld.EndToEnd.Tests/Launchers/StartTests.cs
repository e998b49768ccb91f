namespace Mdfld.Tests.Launchers;

/// <summary>What a start of ./mdfld does before the command.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("detect a.png", "")]
    [InlineData("detect a.png --model best.pkl", "torch")]
    [InlineData("samples --out a", "")]
    [InlineData("dataset styles a", "torch")]
    [InlineData("dataset split a", "")]
    [InlineData("model list", "")]
    [InlineData("train detector", "torch")]
    [InlineData("train adapt a", "torch")]
    [InlineData("studio a", "page")]
    [InlineData("studio --help", "")]
    [InlineData("serve", "")]
    [InlineData("train --help", "")]
    [InlineData("generate --out made", "torch")]
    [InlineData("generate --start stylized --out made", "torch")]
    [InlineData("generate --out made --engine stylize", "")]
    [InlineData("generate --engine=stylize --out made", "")]
    [InlineData("", "")]
    public void ACommandGetsWhatItNeeds(string arguments, string expected)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["eng"]);
        File.WriteAllText(folder["eng", "prepare.sh"], "prepare() { echo \"$*\"; }; run_cli() { :; }");
        File.Copy(Path.Combine(TestFiles.RepositoryRoot, "mdfld"), folder["mdfld"]);

        var result = Shell.Run($"./mdfld {arguments}", folder.Path);

        Assert.Equal(expected, result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void ASecondStartOnlyRunsTheCommand()
    {
        using var checkout = new FakeCheckout();
        checkout.AddLauncher();
        checkout.AddProgram("apt-get", "");

        checkout.Run("./mdfld detect a.png");
        var first = checkout.Calls;
        checkout.Run("./mdfld detect b.png");

        Assert.Single(first, IsPublish);
        Assert.EndsWith("/Mdfld.Cli.dll detect b.png", Assert.Single(checkout.Calls.Skip(first.Length)));
    }

    [Theory]
    [InlineData("MDFLD_LIBTORCH=/opt/libtorch", false)]
    [InlineData("mkdir -p $fetched; touch $fetched/libc10.so", false)]
    [InlineData("mkdir -p $fetched.partial; touch $fetched.partial/libc10.so", true)]
    [InlineData("true", true)]
    public void LibtorchIsFetchedWhereThereIsNone(string before, bool isFetched)
    {
        using var checkout = new FakeCheckout();
        checkout.AddLauncher();

        var result = checkout.Run(
            $"""
            unset MDFLD_LIBTORCH
            XDG_DATA_HOME=$PWD/data fetched=$PWD/data/mdfld/libtorch-2.10.0-linux-x64
            {before}
            prepare torch
            """);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(isFetched ? 1 : 0, checkout.Calls.Count(c => c.EndsWith("/Mdfld.Cli.dll setup torch")));
    }

    /// <summary>mpiexec speaks to the processes that it starts on one of the first descriptors.</summary>
    [Fact]
    public void TheCommandHasTheDescriptorsOfItsCaller()
    {
        using var checkout = new FakeCheckout();
        checkout.AddLauncher();
        checkout.Run("./mdfld model list");
        checkout.AddProgram("dotnet", "for fd in 3 4 5 6 7 8 9; do echo $fd >&$fd; done");

        checkout.Run("exec 3>seen 4>&3 5>&3 6>&3 7>&3 8>&3 9>&3; ./mdfld model list");

        Assert.Equal("3\n4\n5\n6\n7\n8\n9\n", File.ReadAllText(checkout["seen"]));
    }

    [Fact]
    public void ADeletedBuildIsMadeAnew()
    {
        using var checkout = new FakeCheckout();
        checkout.AddLauncher();

        var result = checkout.Run("./mdfld model list; rm -r .build/cli-*; ./mdfld model list");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal([true, false, true, false], checkout.Calls.Select(IsPublish));
    }

    /// <summary>Another start sweeps the build after this one has read its name, before it has locked it.</summary>
    [Fact]
    public void ABuildSweptBeforeItIsLockedIsMadeAnew()
    {
        using var checkout = new FakeCheckout();
        checkout.AddLauncher();
        checkout.AddProgram("flock", "if [[ $1 == --shared && ! -e swept ]]; then touch swept; rm -r .build/cli-*; fi");

        var result = checkout.Run("./mdfld model list");

        Assert.Equal(0, result.ExitCode);
        var calls = checkout.Calls.Where(c => c.StartsWith("dotnet", StringComparison.Ordinal));
        Assert.Equal([true, true, false], calls.Select(IsPublish));
    }

    private static bool IsPublish(string call) => call.StartsWith("dotnet publish ", StringComparison.Ordinal);
}
