using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Mdfld.Studio;
using Mdfld.Tests.Cli;
using Xunit.Abstractions;

namespace Mdfld.Tests.Studio;

/// <summary>Detection over HTTP.</summary>
public sealed class DetectionServerTests(ITestOutputHelper output)
{
    private const int Requests = 1000;
    private const int Clients = 16;

    [Fact]
    public async Task AnAnswerIsWhatTheProgramPrints()
    {
        using var detector = Detector();
        await using var server = await DetectionServer.StartAsync(detector, new DetectionSettings());
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        var picture = File.ReadAllBytes(TestFiles.Sample("comic.png"));
        var answer = await client.PostAsync("/v1/detect?name=comic.png", new ByteArrayContent(picture));
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        var schema = new SmallSchema(JsonNode.Parse(await client.GetStringAsync("/detection.schema.json"))!);
        Assert.Empty(schema.Errors(json));
        var expected = detector.Detect(Picture.Load(picture));
        Assert.Equal(ResultWriter.Json("comic.png", json["width"]!.GetValue<int>(), json["height"]!.GetValue<int>(), detector.Model.Name, expected), json.ToJsonString());
        Assert.Equal("ok", JsonNode.Parse(await client.GetStringAsync("/health"))!["status"]!.ToString());
        Assert.Contains("mdfld_requests_total{outcome=\"answered\"} 1\n", await client.GetStringAsync("/metrics"));
    }

    /// <summary>Every address of the document is there and takes the method that it says, and there are no others.</summary>
    [Fact]
    public async Task TheDocumentNamesWhatThereIs()
    {
        using var detector = Detector();
        await using var server = await DetectionServer.StartAsync(detector, new DetectionSettings());
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        var document = JsonNode.Parse(await client.GetStringAsync("/openapi.json"))!;
        var paths = document["paths"]!.AsObject();
        Assert.Equal(["/v1/detect", "/health", "/metrics", "/openapi.json", "/detection.schema.json"], paths.Select(p => p.Key));
        foreach (var (path, operations) in paths)
        {
            var method = new HttpMethod(Assert.Single(operations!.AsObject()).Key.ToUpperInvariant());
            using var request = new HttpRequestMessage(method, path);
            Assert.NotEqual(HttpStatusCode.NotFound, (await client.SendAsync(request)).StatusCode);
            using var other = new HttpRequestMessage(HttpMethod.Delete, path);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.SendAsync(other)).StatusCode);
        }
    }

    [Fact]
    public async Task LimitsAreKept()
    {
        using var detector = Detector();
        var settings = new DetectionSettings
        {
            Waiting = 0,
            LargestPicture = 100_000,
            Token = "word",
            Server = new ServerSettings { LargestRequest = 200_000 },
        };
        await using var server = await DetectionServer.StartAsync(detector, settings);
        Assert.EndsWith("/word", server.Address);
        using var client = new HttpClient();
        async Task<(HttpStatusCode, string)> Post(byte[] bytes)
        {
            var answer = await client.PostAsync(server.Address + "/v1/detect", new ByteArrayContent(bytes));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Post(new byte[200_001])).Item1);
        var (status, words) = await Post(new Picture(400, 400).EncodePng());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("pixels", words);
        Assert.DoesNotContain("Exception", words);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(new Uri(new Uri(server.Address), "/health"))).StatusCode);
        var small = new Picture(64, 64).EncodePng();
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Post(small)));
        Assert.All(answers, a => Assert.Contains(a.Item1, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable]));
        Assert.Contains(answers, a => a.Item1 == HttpStatusCode.OK);
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address + "/v1/detect") { Content = new ByteArrayContent(small) };
        request.Headers.Add("Origin", "https://example.org");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(request)).StatusCode);
    }

    /// <summary>
    /// 1,000 requests of 16 clients: pictures, others' pictures, no pictures, too large ones, and some that are cut in
    /// the middle. Each picture gets its own answer, memory does not grow, and the end waits for nobody.
    /// </summary>
    [Fact]
    public async Task ManyClientsSomeHostileSomeCut()
    {
        using var detector = Detector();
        var server = await DetectionServer.StartAsync(detector, new DetectionSettings { Workers = 2, Waiting = Clients });
        string[] names = ["comic.png", "manga.png", "pencil.png"];
        var pictures = names.Select(n => Small(TestFiles.Sample(n))).ToArray();
        var expected = pictures.Select((p, i) => Expected(detector, p, names[i])).ToArray();
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        var (answered, refused, cut, next) = (0, 0, 0, -1);
        var memory = new long[2];

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < Requests)
            {
                if (i is Requests / 4 or Requests - 1)
                    memory[i == Requests - 1 ? 1 : 0] = GC.GetTotalMemory(forceFullCollection: true);
                switch (i % 10)
                {
                    case 7:
                        await Cut(new Uri(server.Address), pictures[0], i);
                        Interlocked.Increment(ref cut);
                        break;
                    case 8:
                        var damaged = pictures[i % 3].AsSpan(0, 20 + (i % 300)).ToArray();
                        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await client.PostAsync("/v1/detect", new ByteArrayContent(damaged))).StatusCode);
                        Interlocked.Increment(ref refused);
                        break;
                    case 9:
                        var hostile = await client.PostAsync($"/v1/../{i}/%2e%2e/detect?name=%00{i}", new ByteArrayContent([1, 2, 3]));
                        Assert.Equal(HttpStatusCode.NotFound, hostile.StatusCode);
                        Interlocked.Increment(ref refused);
                        break;
                    default:
                        var n = i % names.Length;
                        var answer = await client.PostAsync($"/v1/detect?name={names[n]}", new ByteArrayContent(pictures[n]));
                        Assert.Equal(expected[n], await answer.Content.ReadAsStringAsync());
                        Interlocked.Increment(ref answered);
                        break;
                }
            }
        })));

        Assert.Equal((700, 200, 100), (answered, refused, cut));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health")).StatusCode);
        output.WriteLine($"{await client.GetStringAsync("/metrics")}\nmanaged memory after 250 and after 1,000: {memory[0] >> 10} and {memory[1] >> 10} KB");
        Assert.InRange(memory[1], 0, memory[0] + (16 << 20));
        // One is in the middle of its request as the server ends.
        using var open = new TcpClient();
        await open.ConnectAsync(IPAddress.Loopback, new Uri(server.Address).Port);
        await open.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/detect HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nx"));
        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/health"));
    }

    private static LandmarkDetector Detector() =>
        LandmarkDetector.Create(LandmarkModel.Load(StudioFixture.Model), new DetectorOptions { Threads = 1, Search = "fast" });

    private static byte[] Small(string file)
    {
        var picture = Picture.Load(file);
        var s = 128.0 / picture.Width;
        return picture.Warp(Homography.Affine(s, 0, 0, 0, s, 0), 128, 128, antialias: true).EncodePng();
    }

    private static string Expected(LandmarkDetector detector, byte[] bytes, string name)
    {
        var picture = Picture.Load(bytes);
        return ResultWriter.Json(name, picture.Width, picture.Height, detector.Model.Name, detector.Detect(picture));
    }

    /// <summary>A client that goes away in the middle of its picture, or before its answer.</summary>
    private static async Task Cut(Uri address, byte[] picture, int number)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/detect HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {picture.Length}\r\n\r\n"));
        await stream.WriteAsync(picture.AsMemory(0, number % 20 == 7 ? picture.Length : picture.Length / 2));
        client.Client.LingerState = new LingerOption(true, 0);
    }
}
