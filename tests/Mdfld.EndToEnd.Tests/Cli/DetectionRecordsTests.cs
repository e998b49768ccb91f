using System.Text;
using Mdfld.Cli.Detecting;

namespace Mdfld.Tests.Cli;

public sealed class DetectionRecordsTests : IDisposable
{
    private const string Header = "head\n";

    private readonly TemporaryFolder _folder = new();

    private string Target => _folder["records"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ItHasItsNameOnlyWhenItIsComplete()
    {
        using (var file = Open(resume: false))
        {
            file.Add("a,1,x\n");
            Assert.Equal(["records.partial"], Names());
        }
        Assert.Equal(["records.partial"], Names());
        using (var file = Open(resume: true))
        {
            Assert.True(file.Has("a"));
            file.AddEarlier("a");
            file.Add("b,1,y\n");
            file.Complete();
        }
        Assert.Equal(["records"], Names());
        Assert.Equal("head\na,1,x\nb,1,y\n", Text());
    }

    [Fact]
    public void WithoutRecordsNothingIsLeft()
    {
        Open(resume: false).Dispose();
        Assert.Empty(Names());
    }

    /// <summary>Cut anywhere, as by a full disk or a crash, what was whole is kept and the rest done again.</summary>
    [Fact]
    public void WhereverItWasCutItEndsTheSame()
    {
        (string Picture, string Record)[] records =
        [
            ("a", "a,1,1\n"),
            ("b\nb", "\"b\nb\",2,1\n\"b\nb\",2,2\n"),
            ("c", "c,0,\n"),
            ("d\"", "\"d\"\"\",1,\u00e4\n"),
        ];
        var whole = Encoding.UTF8.GetBytes(Header + string.Concat(records.Select(r => r.Record)));
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Target + ".partial", whole[..length]);
            var done = 0;
            using (var file = Open(resume: true))
            {
                foreach (var (picture, record) in records)
                {
                    if (file.Has(picture))
                    {
                        done++;
                        file.AddEarlier(picture);
                    }
                    else
                    {
                        file.Add(record);
                    }
                }
                file.Complete();
            }
            Assert.Equal(whole, File.ReadAllBytes(Target));
            Assert.Equal(["records"], Names());
            var text = Encoding.UTF8.GetString(whole[..length]);
            Assert.Equal(records.TakeWhile((_, i) => text.StartsWith(Header + Upto(i))).Count(), done);
            File.Delete(Target);
        }

        string Upto(int last) => string.Concat(records.Take(last + 1).Select(r => r.Record));
    }

    [Fact]
    public void ACompleteFileTakesMorePicturesAndOtherOrder()
    {
        File.WriteAllText(Target, "head\na,1,x\nb,1,y\nc,1,z\n");
        using (var file = Open(resume: true))
        {
            file.AddEarlier("c");
            file.Add("n,1,new\n");
            file.AddEarlier("a");
            // Until then the complete file stays as it was.
            Assert.Equal("head\na,1,x\nb,1,y\nc,1,z\n", Text());
            file.Complete();
        }
        Assert.Equal("head\nc,1,z\nn,1,new\na,1,x\n", Text());
        Assert.Equal(["records"], Names());
    }

    [Fact]
    public void AnotherTableIsRefusedAndKept()
    {
        File.WriteAllText(Target + ".partial", "other\na,1,x\n");
        Assert.Throws<InvalidDataException>(() => Open(resume: true));
        Assert.Equal("other\na,1,x\n", File.ReadAllText(Target + ".partial"));
    }

    private DetectionRecords Open(bool resume) =>
        new(Target, Header, Mdfld.Cli.Detecting.ResultHead.OfCsv, quotes: true, resume);

    private string Text() => File.ReadAllText(Target);

    private string[] Names() => [.. Directory.GetFiles(_folder.Path).Select(f => Path.GetFileName(f)!)];
}
