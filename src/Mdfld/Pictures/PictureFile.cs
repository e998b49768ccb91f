using System.Runtime.CompilerServices;

namespace Mdfld;

/// <summary>A picture, or a reduced one of the same file.</summary>
/// <param name="Picture">The pixels.</param>
/// <param name="FromFull">Takes pixels of the full picture to pixels of this.</param>
/// <param name="Reduction">
/// A pixel of this is the mean of a square of so many pixels of the full picture a side.
/// </param>
internal readonly record struct PictureLevel(Picture Picture, Homography FromFull, int Reduction);

/// <summary>An encoded picture whose pixels are decoded as they are asked for, in full or reduced.</summary>
internal sealed class PictureFile
{
    // Decoding to a half saves two fifths of the time, and is lost where the full picture is wanted after all.
    private const int LeastReduction = 4;

    // Coarser pixels of this size are given up for finer ones, which do for them: a picture that waits for memory must
    // not hold much itself.
    private const long MostHeld = 16 << 20;

    private readonly Lock _lock = new();
    private readonly ReadOnlyMemory<byte> _encoded;
    private readonly PictureSource _source;
    private readonly List<PictureLevel> _levels = [];
    private readonly bool _isReducible;
    private MemoryBudget.Lease? _lease;
    private int _users;
    private bool _isChecked;

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">Not a picture, too large, or sure to be cut off.</exception>
    public unsafe PictureFile(ReadOnlyMemory<byte> encoded, PictureSource source)
    {
        (_encoded, _source) = (encoded, source);
        fixed (byte* bytes = encoded.Span)
        {
            using var codec = new PictureCodec(bytes, encoded.Length, source);
            (Width, Height) = codec.Orientation.IsTurned ? (codec.Height, codec.Width) : (codec.Width, codec.Height);
            PeakBytes = codec.PeakBytes(1);
            _isReducible = codec.IsReducible;
        }
    }

    public int Width { get; }
    public int Height { get; }

    /// <summary>Memory that decoding it in full takes.</summary>
    public long PeakBytes { get; }

    /// <summary>
    /// Keeps what is decoded, and the memory it takes accounted for, until <see cref="EndUse"/>. Without, all that is
    /// decoded stays as long as the picture.
    /// </summary>
    public void BeginUse()
    {
        lock (_lock)
            _users++;
    }

    /// <summary>Lets what is decoded go, as soon as no other caller uses it.</summary>
    public void EndUse()
    {
        lock (_lock)
        {
            if (--_users > 0)
                return;
            DropLevels();
            ReturnLease();
        }
    }

    /// <summary>
    /// The picture with at least <paramref name="scale"/> pixels for each of the full one's, across and down.
    /// </summary>
    /// <exception cref="InvalidDataException">It is broken or cut off.</exception>
    public PictureLevel Level(double scale)
    {
        lock (_lock)
        {
            if (Decoded(scale) is { } there)
                return there;
            var decoded = Decode(ReductionFor(scale));
            _levels.Add(decoded);
            return decoded;
        }
    }

    /// <summary>Decodes the picture in full; to be called with the memory for it taken.</summary>
    /// <exception cref="InvalidDataException">It is broken or cut off.</exception>
    public unsafe Picture Decode()
    {
        fixed (byte* bytes = _encoded.Span)
        {
            using var codec = new PictureCodec(bytes, _encoded.Length, _source);
            codec.CheckPixels();
            return codec.Decode();
        }
    }

    // Not inlined: a level that is not the one must not stay on the stack, and so in memory, while the next is decoded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private PictureLevel? Decoded(double scale)
    {
        foreach (var level in _levels)
        {
            if (level.Reduction == 1 || level.Reduction * scale <= 1)
                return level;
        }
        return null;
    }

    private long Held => _levels.Sum(l => (long)l.Picture.Data.Length);

    private void DropLevels()
    {
        var bytes = Held;
        _levels.Clear();
        MemoryBudget.Collect(bytes);
    }

    private void ReturnLease()
    {
        _lease?.Dispose();
        _lease = null;
    }

    private int ReductionFor(double scale)
    {
        if (!_isReducible || scale > 0.5)
            return 1;
        var reduction = 1 << (int)Math.Clamp(Math.Floor(-Math.Log2(scale)), 1, 3);
        return reduction >= LeastReduction || _levels.Count > 0 ? reduction : 1;
    }

    private unsafe PictureLevel Decode(int reduction)
    {
        fixed (byte* bytes = _encoded.Span)
        {
            using var codec = new PictureCodec(bytes, _encoded.Length, _source);
            if (!_isChecked)
                codec.CheckPixels();
            _isChecked = true;
            // What it holds must not keep others waiting while it waits for more.
            if (Held >= MostHeld)
                DropLevels();
            ReturnLease();
            _lease = MemoryBudget.Decoding.Take(codec.PeakBytes(reduction));
            var kept = 0L;
            try
            {
                var picture = codec.Decode(reduction);
                kept = Held + picture.Data.Length;
                return new PictureLevel(picture, FromFull(codec, reduction), reduction);
            }
            finally
            {
                _lease.ShrinkTo(kept);
                if (_users == 0)
                    ReturnLease();
            }
        }
    }

    private static Homography FromFull(in PictureCodec codec, int reduction)
    {
        if (reduction == 1)
            return Homography.Identity;
        var (width, height) = codec.SizeAt(reduction);
        var (x, y) = codec.ScaleAt(reduction);
        var reduce = Homography.Affine(x, 0, (x - 1) / 2, 0, y, (y - 1) / 2);
        return codec.Orientation.ToSeen(width, height) * reduce
            * codec.Orientation.ToSeen(codec.Width, codec.Height).Invert();
    }
}
