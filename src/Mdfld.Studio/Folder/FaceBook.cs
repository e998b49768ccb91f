namespace Mdfld.Studio;

/// <summary>
/// The faces of a folder: changed by one request at a time, each change against a version, and saved before it is
/// answered. Labels are in <c>annotations.tsv</c> and <c>annotations.json</c> (COCO) beside the pictures; proposals,
/// versions and the places of hidden points in <c>.mdfld/faces.json</c>.
/// </summary>
internal sealed class FaceBook : IDisposable
{
    private readonly Lock _changing = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly FaceFiles _files;
    private readonly Dictionary<string, StudioPicture> _pictures;
    private long _changes;
    private long _saved;

    /// <summary>Opens the faces of a folder and holds it against another studio.</summary>
    /// <exception cref="InvalidDataException">Its annotations cannot be read, or have other points.</exception>
    /// <exception cref="IOException">Another studio has it open, or it cannot be written to.</exception>
    public FaceBook(string folder, string pictures, LandmarkScheme scheme)
    {
        Scheme = scheme;
        _files = new FaceFiles(folder, pictures, scheme);
        _pictures = _files.Read();
    }

    /// <summary>What the points mean.</summary>
    public LandmarkScheme Scheme { get; }

    /// <summary>Why the COCO file is not up to date, or null.</summary>
    public string? Problem => _files.Problem;

    /// <summary>The faces of a picture.</summary>
    public StudioPicture this[string picture]
    {
        get
        {
            lock (_changing)
                return _pictures.GetValueOrDefault(picture) ?? new StudioPicture(false, []);
        }
    }

    /// <summary>The labels of the folder, as they are saved.</summary>
    public IReadOnlyList<LabelledFace> Labels()
    {
        lock (_changing)
            return _files.Labels(_pictures);
    }

    /// <summary>Puts a detector's faces in the place of its earlier ones; labels stay, and hide what is found at them.</summary>
    public async Task<StudioPicture> Propose(string picture, IReadOnlyList<StudioFace> found)
    {
        Change(picture, old =>
        {
            StudioFace[] labels = [.. old.Faces.Where(f => f.State == FaceState.Labelled)];
            return new StudioPicture(true, [.. labels, .. found.Where(f => !labels.Any(l => IsSame(l, f)))]);
        });
        await Saved();
        return this[picture];
    }

    /// <summary>Adds a face, or puts it in the place of the one with its id.</summary>
    /// <param name="picture">The picture's name.</param>
    /// <param name="face">Its version is that of the face it changes; 0 of a new one.</param>
    /// <returns>The face with its new version.</returns>
    /// <exception cref="RequestException">400: a face that makes no sense. 409: changed meanwhile.</exception>
    public async Task<StudioFace> Put(string picture, StudioFace face)
    {
        if (face.Fault(Scheme.Count) is { } fault)
            throw new RequestException(400, $"a face with {fault}");
        var next = face with { Version = face.Version + 1 };
        Change(picture, old =>
        {
            Check(old, face.Id, face.Version);
            return old with
            {
                Faces = face.Version == 0
                    ? [.. old.Faces, next] : [.. old.Faces.Select(f => f.Id == face.Id ? next : f)],
            };
        });
        await Saved();
        return next;
    }

    /// <summary>Takes a face away.</summary>
    /// <exception cref="RequestException">409: changed meanwhile.</exception>
    public async Task Delete(string picture, string id, int version)
    {
        Change(picture, old =>
        {
            Check(old, id, version);
            return old with { Faces = [.. old.Faces.Where(f => f.Id != id)] };
        });
        await Saved();
    }

    /// <summary>Lets go of the folder.</summary>
    public void Dispose()
    {
        _files.Dispose();
        _writing.Dispose();
    }

    private static void Check(StudioPicture picture, string id, int version)
    {
        var current = picture.Faces.FirstOrDefault(f => f.Id == id);
        if ((current?.Version ?? 0) != version)
        {
            throw new RequestException(
                409, current is null ? "this face was deleted in another window" : "this face was changed in another window")
            {
                Details = current,
            };
        }
    }

    private static bool IsSame(StudioFace a, StudioFace b) =>
        FaceBox.Around(a.Vectors).IntersectionOverUnion(FaceBox.Around(b.Vectors)) > Evaluation.LeastOverlap;

    private void Change(string picture, Func<StudioPicture, StudioPicture> change)
    {
        lock (_changing)
        {
            _pictures[picture] = change(_pictures.GetValueOrDefault(picture) ?? new StudioPicture(false, []));
            _changes++;
        }
    }

    /// <summary>Waits until all that was changed is on the disk; changes that wait together are written together.</summary>
    private async Task Saved()
    {
        long wanted;
        lock (_changing)
            wanted = _changes;
        await _writing.WaitAsync();
        try
        {
            if (_saved >= wanted)
                return;
            Dictionary<string, StudioPicture> now;
            lock (_changing)
                (now, wanted) = (new(_pictures), _changes);
            await Task.Run(() => _files.Write(now));
            _saved = wanted;
        }
        finally
        {
            _writing.Release();
        }
    }
}
