using System.Text;

namespace Mdfld.Tests.Data;

/// <summary>Files much longer than their faces are read without holding them.</summary>
[Collection(nameof(Alone))]
public sealed class LongFilesTests : IDisposable
{
    private const int Padding = 10_000_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CocoWithMuchElse() => Check("long.json", file =>
    {
        file.Write("{\"info\":{},\"annotations\":[");
        for (var i = 0; i < Padding / 100; i++)
            file.Write(
                $"{{\"id\":{i},\"image_id\":1,\"segmentation\":[[1.25,2.25,3.25,4.25,5.25,6.25]],\"iscrowd\":0}},\n");
        var points = string.Join(',', Enumerable.Range(0, 68).Select(i => $"{i},{i},2"));
        file.Write($"{{\"image_id\":1,\"keypoints\":[{points}]}}],\"images\":[{{\"id\":1,\"file_name\":\"a.png\"}}]}}");
    });

    [Fact]
    public void CvatWithMuchElse() => Check("long.xml", file =>
    {
        file.Write("<annotations><image name=\"a.png\">");
        for (var i = 0; i < Padding / 100; i++)
            file.Write(
                $"<box label=\"b{i}\" xtl=\"1\" ytl=\"2\" xbr=\"3\" ybr=\"4\" occluded=\"0\">"
                + "<attribute name=\"a\">c</attribute></box>\n");
        var points = string.Join(';', Enumerable.Range(0, 68).Select(i => $"{i},{i}"));
        file.Write($"<points points=\"{points}\"/></image></annotations>");
    });

    private void Check(string name, Action<StreamWriter> write)
    {
        using (var file = new StreamWriter(_folder[name], false, new UTF8Encoding(false)))
            write(file);
        Assert.True(new FileInfo(_folder[name]).Length > Padding / 2);
        var most = long.MinValue;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var count = 0;
        foreach (var face in AnnotationFormat.All.Single(f => f.IsRead && f.Recognises(_folder[name]))
            .Read(_folder[name], new Reading(_folder.Path)))
        {
            // The reader is alive here, with all it holds.
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            Assert.Equal("a.png", face.Picture);
            count++;
        }
        Assert.Equal(1, count);
        Assert.InRange(most, long.MinValue, 2_000_000);
    }
}
