namespace Mdfld.Data;

/// <summary>Styles that drawn faces come in: proportions and a medium that go together.</summary>
public enum DrawingStyle
{
    /// <summary>Large eyes, a short face, flat colours.</summary>
    Anime,

    /// <summary>Childlike, eyes taller than wide, painted softly.</summary>
    Chibi,

    /// <summary>A lean face in ink and screentone.</summary>
    Manga,

    /// <summary>Comic books, near nature.</summary>
    Comic,

    /// <summary>Ball eyes that touch each other.</summary>
    Cartoon,

    /// <summary>A large nose, a long chin, features exaggerated.</summary>
    Caricature,

    /// <summary>Graphite on paper.</summary>
    Pencil,
}
