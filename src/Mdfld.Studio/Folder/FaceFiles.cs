using System.Security.Cryptography;
using System.Text.Json;

namespace Mdfld.Studio;

/// <summary>
/// The files in which a folder's faces are kept. <c>annotations.tsv</c> is what counts: it is written first, and where
/// another program has changed it, its labels are taken.
/// </summary>
internal sealed class FaceFiles : IDisposable
{
    private const string Own = ".mdfld";
    private const int LargestState = 1 << 30;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly string _pictures;
    private readonly string _labels;
    private readonly string _coco;
    private readonly string _state;
    private readonly string _folder;
    private readonly LandmarkScheme _scheme;
    private readonly FileStream _held;

    // What a label was read as, as long as its face has that version: its five points and square are kept.
    private readonly Dictionary<string, (int Version, LabelledFace Label)> _read = [];
    private string? _written;

    public FaceFiles(string folder, string pictures, LandmarkScheme scheme)
    {
        (_folder, _pictures, _scheme) = (folder, pictures, scheme);
        var own = new DirectoryInfo(Path.Combine(folder, Own));
        if (own.LinkTarget is not null)
            throw new InvalidDataException($"{own.FullName}: a link; remove it, or open another folder");
        own.Create();
        _labels = Path.Combine(folder, "annotations.tsv");
        _coco = Path.Combine(folder, "annotations.json");
        _state = Path.Combine(own.FullName, "faces.json");
        var held = new FileInfo(Path.Combine(own.FullName, "lock"));
        if (held.LinkTarget is not null)
            held.Delete();
        try
        {
            _held = new FileStream(
                held.FullName, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose);
        }
        catch (IOException e)
        {
            throw new IOException($"{folder}: another mdfld studio has this folder open; go on there, or end it", e);
        }
    }

    /// <summary>Why the COCO file is not up to date, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads all faces; a folder without any is empty.</summary>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public Dictionary<string, StudioPicture> Read()
    {
        var state = ReadState();
        // Labels whose file somebody took away are not given up.
        if (!File.Exists(_labels))
            return state.Pictures;
        _written = HashOf(_labels);
        var labels = MetadataFile.Read(_labels);
        if (labels.Count > 0 && labels[0].Landmarks.Count != _scheme.Count)
        {
            throw new InvalidDataException(
                $"{_labels}: {labels[0].Landmarks.Count} points a face, the studio edits {_scheme.Count}; "
                + "convert a copy with mdfld dataset convert");
        }
        var pictures = new Dictionary<string, StudioPicture>();
        var byPicture = labels.ToLookup(l => l.ImagePath);
        foreach (var name in state.Pictures.Keys.Union(byPicture.Select(g => g.Key)))
        {
            var known = state.Pictures.GetValueOrDefault(name) ?? new StudioPicture(false, []);
            var left = known.Faces.Where(f => f.State == FaceState.Labelled).ToList();
            var faces = byPicture[name].Select(label => Known(label, left)).ToArray();
            pictures[name] = known with
            {
                Faces = [.. faces, .. known.Faces.Where(f => f.State == FaceState.Proposed)],
            };
        }
        return pictures;
    }

    /// <summary>The labels among faces, by picture.</summary>
    public IReadOnlyList<LabelledFace> Labels(IReadOnlyDictionary<string, StudioPicture> pictures) =>
        Labels(pictures, (face, picture) => _read.TryGetValue(face.Id, out var read) && read.Version == face.Version
            ? read.Label : face.ToLabel(picture));

    private static LabelledFace[] Labels(
        IReadOnlyDictionary<string, StudioPicture> pictures, Func<StudioFace, string, LabelledFace> label) =>
    [
        .. from picture in pictures.OrderBy(p => p.Key, StringComparer.Ordinal)
           from face in picture.Value.Faces
           where face.State == FaceState.Labelled
           select label(face, picture.Key),
    ];

    /// <summary>Writes all faces: labels, then the rest, then COCO. Each file is whole at any moment.</summary>
    public void Write(IReadOnlyDictionary<string, StudioPicture> pictures)
    {
        var labels = Labels(pictures);
        if (labels.Count > 0 || File.Exists(_labels))
        {
            KeepForeign();
            MetadataFile.Write(_labels, labels);
            _written = HashOf(_labels);
        }
        AtomicFile.Write(_state, JsonSerializer.SerializeToUtf8Bytes(new State(1, new(pictures)), Json));
        WriteCoco(Labels(pictures, (face, picture) => face.ToPlaced(picture)));
    }

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _held.Dispose();

    private void WriteCoco(LabelledFace[] labels)
    {
        try
        {
            if (labels.Length > 0)
                new FaceSet(_pictures, labels).Write(AnnotationFormat.ByName("coco"), _folder);
            else
                File.Delete(_coco);
            Problem = null;
        }
        catch (InvalidDataException e)
        {
            // The labels are saved; one picture that is broken is no reason to refuse them.
            Problem = $"{_coco} is not up to date: {e.Message}";
        }
    }

    /// <summary>Another program wrote meanwhile: its file stays beside ours.</summary>
    private void KeepForeign()
    {
        if (File.Exists(_labels) && HashOf(_labels) is var hash && hash != _written)
            File.Copy(_labels, Path.Combine(_folder, Own, $"annotations-{hash[..8]}.tsv"), overwrite: true);
    }

    /// <summary>The face that the studio knows by this label, or a new one.</summary>
    private StudioFace Known(LabelledFace label, List<StudioFace> left)
    {
        var at = left.FindIndex(f => f.ToLabel(label.ImagePath).Landmarks.SequenceEqual(label.Landmarks));
        var face = at >= 0 ? left[at] : StudioFace.Of(label);
        if (at >= 0)
            left.RemoveAt(at);
        _read[face.Id] = (face.Version, label);
        return face;
    }

    private State ReadState()
    {
        if (!File.Exists(_state))
            return new State(1, []);
        try
        {
            if (new FileInfo(_state).Length > LargestState)
                throw new JsonException("too large");
            using var file = File.OpenRead(_state);
            var state = JsonSerializer.Deserialize<State>(file, Json);
            if (state is not { Studio: 1, Pictures: not null }
                || state.Pictures.Values.Any(p => p?.Faces is null || p.Faces.Any(f => f?.Fault(_scheme.Count) is not null || f is null)))
                throw new JsonException("not what the studio writes");
            return state;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{_state}: expected what mdfld studio wrote, found something else ({e.Message}); labels are in "
                + "annotations.tsv: move this file away to go on with them", e);
        }
    }

    private static string HashOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private sealed record State(int Studio, Dictionary<string, StudioPicture> Pictures);
}
