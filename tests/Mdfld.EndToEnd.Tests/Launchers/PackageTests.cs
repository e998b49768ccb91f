using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mdfld.Tests.Cli;
using Xunit.Abstractions;

namespace Mdfld.Tests.Launchers;

/// <summary>Mdfld.Bundle and the tool, installed from a feed where nothing of this checkout is.</summary>
[Collection(PackageCollection.Name)]
public sealed partial class PackageTests(PackageFeed feed, ITestOutputHelper output)
{
    private const string Console =
        """
        using Mdfld;

        using var detector = LandmarkDetector.Create();
        var face = detector.Detect(Picture.Load(args[0]))[0];
        var nose = face.Points[30];
        Console.WriteLine(FormattableString.Invariant($"nose {nose.X} {nose.Y}"));
        """;

    private const string Worker =
        """
        using Mdfld;
        using Microsoft.Extensions.Configuration;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;

        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddMdfld().AddHostedService<Worker>();
        builder.Build().Run();

        sealed class Worker(LandmarkDetector detector, IHostApplicationLifetime host, IConfiguration configuration)
            : BackgroundService
        {
            protected override Task ExecuteAsync(CancellationToken stop)
            {
                var nose = detector.Detect(Picture.Load(configuration["picture"]!), stop)[0].Points[30];
                Console.WriteLine(FormattableString.Invariant($"nose {nose.X} {nose.Y}"));
                host.StopApplication();
                return Task.CompletedTask;
            }
        }
        """;

    // As the library's guide shows it.
    private static string Web => DocumentCode.Program("docs/library.md", "WebApplication");

    private static string Photo => Path.Combine(TestFiles.RepositoryRoot, "samples", "images", "comic.png");

    [Fact]
    public void AConsoleProgramDetects()
    {
        AddProject("console", "Microsoft.NET.Sdk", Console);
        CheckNose(Run($"dotnet run --configuration Release --project console -- '{Photo}'").Output);
    }

    [Fact]
    public void AWorkerTakesTheDetectorFromItsContainer()
    {
        const string hosting = """<FrameworkReference Include="Microsoft.AspNetCore.App" />""";
        AddProject("worker", "Microsoft.NET.Sdk", Worker, hosting);
        CheckNose(Run($"dotnet run --configuration Release --project worker -- --picture '{Photo}'").Output);
    }

    [Fact]
    public async Task AWebServiceAnswersAPostedJpegAfterTheSchema()
    {
        AddProject("web", "Microsoft.NET.Sdk.Web", Web);
        Run($"dotnet build web --configuration Release --output web/out {PackageFeed.NoServers}");
        var jpeg = Picture.Load(Photo).EncodeJpeg();

        var faces = JsonNode.Parse(await PostAsync(feed["web", "out", "web.dll"], jpeg))!.AsArray();

        var picture = Picture.Load(jpeg);
        var document = JsonNode.Parse(
            $$"""
            {
              "version": 1, "image": "-", "width": {{picture.Width}}, "height": {{picture.Height}}, "model": "compact",
              "faces": {{faces.ToJsonString()}}
            }
            """);
        Assert.Empty(Schema().Errors(document));
        var points = Assert.Single(faces)!["landmarks"]!.AsArray();
        Assert.Equal(68, points.Count);
        using var here = LandmarkDetector.Create();
        var nose = new Vector2(points[30]![0]!.GetValue<float>(), points[30]![1]!.GetValue<float>());
        Assert.InRange(Vector2.Distance(here.Detect(picture)[0].Points[30], nose), 0, 0.1f);
    }

    [Fact]
    public void ATrimmedSingleFileDetects()
    {
        AddProject("single", "Microsoft.NET.Sdk", Console);
        var said = Run(
            $"""
            dotnet publish single --configuration Release --runtime {PackageFeed.Platform} --self-contained \
                --output single/out -p:PublishSingleFile=true -p:PublishTrimmed=true -p:TrimmerSingleWarn=false \
                -p:IncludeNativeLibrariesForSelfExtract=true {PackageFeed.NoServers} >&2
            test "$(ls single/out | grep -v '\.pdb$')" = single
            single/out/single '{Photo}'
            """);
        CheckNose(said.Output);
        CheckNoTrimWarnings(said);
    }

    [LinkerFact]
    public void AProgramCompiledAheadOfTimeDetects()
    {
        AddProject("native", "Microsoft.NET.Sdk", Console);
        // Debian's compilers under ./test: gcc links as well as clang does.
        var said = Run(
            $"""
            dotnet publish native --configuration Release --use-current-runtime --output native/out -p:PublishAot=true \
                -p:TrimmerSingleWarn=false -p:CppCompilerAndLinker=gcc -p:LinkerFlavor=bfd {PackageFeed.NoServers} >&2
            test ! -e native/out/native.dll
            native/out/native '{Photo}'
            """);
        CheckNose(said.Output);
        CheckNoTrimWarnings(said);
    }

    [Theory]
    [InlineData("win-x64", "onnxruntime.dll", "libSkiaSharp.dll")]
    [InlineData("win-arm64", "onnxruntime.dll", "libSkiaSharp.dll")]
    [InlineData("osx-arm64", "libonnxruntime.dylib", "libSkiaSharp.dylib")]
    [InlineData("linux-x64", "libonnxruntime.so", "libSkiaSharp.so")]
    [InlineData("linux-arm64", "libonnxruntime.so", "libSkiaSharp.so")]
    public void APublishForAPlatformHasEveryNativeThatIsLoaded(string platform, params string[] natives)
    {
        var name = $"for-{platform}";
        AddProject(name, "Microsoft.NET.Sdk", Console);

        Run($"{Publish(name, platform)}");

        Assert.All(natives, n => Assert.True(File.Exists(feed[name, "out", n]), $"{platform}: no {n}"));
    }

    [Theory]
    [InlineData("linux-musl-x64")]
    [InlineData("osx-x64")]
    [InlineData("win-x86")]
    public void APlatformWithoutOnnxRuntimeIsRefusedInOneSentence(string platform)
    {
        var name = $"for-{platform}";
        AddProject(name, "Microsoft.NET.Sdk", Console);

        var result = feed.Run(Publish(name, platform));

        Assert.NotEqual(0, result.ExitCode);
        var error = Assert.Single(
            result.Output.Split('\n').Where(l => l.Contains("error ")).Select(l => l.Trim()).Distinct());
        Assert.Contains($"does not run on {platform}", error);
        Assert.Contains("win-x64, win-arm64, linux-x64, linux-arm64 and osx-arm64", error);
    }

    [Fact]
    public void TheToolIsInstalledAndDetects()
    {
        var said = Run(Installed($"mdfld detect '{Photo}' --format csv"));

        var lines = said.Output.Split('\n');
        var columns = lines[0].Split(',');
        var row = lines[1].Split(',');
        CheckNose($"nose {row[Array.IndexOf(columns, "x30")]} {row[Array.IndexOf(columns, "y30")]}");
    }

    [Theory]
    [InlineData("export {0}/models/compact.safetensors --out compact.onnx")]
    [InlineData("generate --styles photo --per-style 1 --landmarks {0}/samples --generator {0}/models/generator-small "
        + "--out made")]
    [InlineData("original --mode=test_image --device_ids=-1 --image_dir={0}/samples/images "
        + "--pretrained_weight={0}/tests/golden/star/star_tiny.pkl --ckpt_dir=checkpoints")]
    [InlineData("train detector --recipe drawn.yaml --data {0}")]
    public void TheToolSaysThatLibtorchIsMissingAndWhatToDo(string command)
    {
        var arguments = string.Format(CultureInfo.InvariantCulture, command, TestFiles.RepositoryRoot);
        File.WriteAllText(
            feed["drawn.yaml"], "{ name: drawn, network: compact, phases: [{ steps: 1 }], data: [{ name: samples }] }");

        var said = feed.Run(Installed($"unset MDFLD_LIBTORCH XDG_DATA_HOME; mdfld {arguments}"));

        output.WriteLine(said.Errors);
        Assert.Equal(1, said.ExitCode);
        var line = Assert.Single(said.Errors.Split('\n'));
        Assert.Contains("libtorch, which is not on this machine: run 'mdfld setup torch' once", line);
    }

    /// <summary>A script that uses the tool, which the first one installs, with a home that holds nothing.</summary>
    private static string Installed(string script) =>
        $"""
        export DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")") HOME=$PWD/home PATH=$PWD/tools:$PATH
        mkdir -p home
        [[ -e tools/mdfld ]] ||
            dotnet tool install Mdfld.Tool --version {PackageFeed.Version} --tool-path tools >log 2>&1
        {script}
        """;

    private static string Publish(string project, string platform) =>
        $"dotnet publish {project} --configuration Release --runtime {platform} --self-contained false "
        + $"-p:UseAppHost=false --output {project}/out {PackageFeed.NoServers}";

    /// <summary>Starts a web service on a free port of this machine, and posts a picture to it.</summary>
    private async Task<string> PostAsync(string program, byte[] picture)
    {
        var start = new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
        };
        using var service = Process.Start(start)!;
        try
        {
            string? address = null;
            while (address is null && await service.StandardOutput.ReadLineAsync() is { } line)
            {
                output.WriteLine(line);
                address = Listening().Match(line) is { Success: true } match ? match.Value : null;
            }
            Assert.NotNull(address);
            using var client = new HttpClient { BaseAddress = new Uri(address) };
            using var body = new ByteArrayContent(picture);
            body.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
            using var answer = await client.PostAsync("/faces", body);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
            return text;
        }
        finally
        {
            service.Kill();
            await service.WaitForExitAsync();
        }
    }

    private void AddProject(string name, string sdk, string program, string item = "")
    {
        Directory.CreateDirectory(feed[name]);
        File.WriteAllText(feed[name, "Program.cs"], program);
        File.WriteAllText(
            feed[name, $"{name}.csproj"],
            $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Mdfld.Bundle" Version="{PackageFeed.Version}" />
                {item}
              </ItemGroup>
            </Project>
            """);
    }

    private ShellResult Run(string script)
    {
        var result = feed.Run(script);
        output.WriteLine($"{script}\n{result.Output}\n{result.Errors}");
        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Errors}");
        return result;
    }

    /// <summary>Compares what a program wrote, a line 'nose X Y', with what is found here.</summary>
    private static void CheckNose(string said)
    {
        var words = said.Split('\n').Last(l => l.StartsWith("nose ", StringComparison.Ordinal)).Split(' ');
        using var here = LandmarkDetector.Create();
        var nose = here.Detect(Picture.Load(Photo))[0].Points[30];
        var there = new Vector2(
            float.Parse(words[1], CultureInfo.InvariantCulture), float.Parse(words[2], CultureInfo.InvariantCulture));
        Assert.InRange(Vector2.Distance(nose, there), 0, 0.01f);
    }

    private static void CheckNoTrimWarnings(ShellResult said) => Assert.DoesNotContain(
        said.Errors.Split('\n'), line => line.Contains("warning IL") && line.Contains("Mdfld"));

    private static SmallSchema Schema() => new(JsonNode.Parse(
        File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "detection.schema.json")))!);

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Listening();

    /// <summary>A test that links native code: skipped on a machine without a C compiler.</summary>
    private sealed class LinkerFactAttribute : FactAttribute
    {
        public LinkerFactAttribute() => Skip = Environment.GetEnvironmentVariable("PATH")!.Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "gcc")))
            ? null : "no gcc on PATH to link a program compiled ahead of time; apt-get install gcc";
    }
}
