namespace Mdfld.Tests.Launchers;

public sealed class DocumentCommandsTests
{
    [Fact]
    public void OnlyShellBlocksAreRead()
    {
        const string Markdown =
            """
            ```sh
            ./mdfld detect a.jpg   # prints
            # a remark

            ./mdfld train \
                --recipe r.yaml
            ```
            ./mdfld outside
            ```json
            { "not": "a command" }
            ```
            ```sh
            ./test
            ```
            """;

        var blocks = DocumentCommands.Read(Markdown);

        Assert.Equal([["./mdfld detect a.jpg", "./mdfld train --recipe r.yaml"], ["./test"]], blocks);
    }

    [Theory]
    [InlineData(true, "detect a.jpg|train detector --data ../shared/data; export runs/a.safetensors|train preview")]
    [InlineData(false, "detect a.jpg|train preview")]
    public void ABlockGoesWithTheOneThatTrains(bool hasSharedData, string expected)
    {
        string[] blocks =
        [
            "detect a.jpg", "train detector --data ../shared/data", "train preview", "export runs/a.safetensors",
        ];
        var markdown = string.Concat(blocks.Select(b => $"```sh\n./mdfld {b}\n```\n"));

        var scripts = DocumentCommands.Scripts(markdown, hasSharedData);

        Assert.Equal(expected, string.Join('|', scripts.Select(s => string.Join("; ", s))).Replace("./mdfld ", ""));
    }
}
