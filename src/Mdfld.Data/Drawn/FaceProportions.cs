namespace Mdfld.Data;

/// <summary>Families of proportions that people draw.</summary>
internal enum FaceKind
{
    /// <summary>Today's anime and games: large eyes, a short face.</summary>
    Modern,

    /// <summary>Childlike: eyes taller than wide, a round face, no nose.</summary>
    Chibi,

    /// <summary>Shonen, seinen, gekiga: long faces, low eyes, a nose.</summary>
    Lean,

    /// <summary>Comic books, near nature.</summary>
    Comic,

    /// <summary>Cartoons with ball eyes that touch each other.</summary>
    Ball,

    /// <summary>Cartoons whose eyes are dots.</summary>
    Dot,

    /// <summary>A large nose, a long chin, features exaggerated.</summary>
    Caricature,
}

/// <summary>Measures of an upright, frontal face in face widths: cheek to cheek on the line of the eyes.</summary>
/// <param name="Kind">The family.</param>
/// <param name="EyeWidth">Of the open eye; so is its height.</param>
/// <param name="EyeHeight">From lash line to lower lid.</param>
/// <param name="EyeDistance">Between the eyes' centres.</param>
/// <param name="Chin">From the line of the eyes down to the chin; so are mouth and nose.</param>
/// <param name="Mouth">The line between the lips.</param>
/// <param name="MouthWidth">From corner to corner.</param>
/// <param name="Nose">The nose's tip.</param>
/// <param name="Power">How long the cheeks stay wide: from 1.7, narrowing at once, to 4, square.</param>
/// <param name="Point">The chin: 0.5 round, 1 pointed.</param>
/// <param name="Flat">Half of the chin's flat part / half of the face's width.</param>
internal sealed record FaceProportions(
    FaceKind Kind, float EyeWidth, float EyeHeight, float EyeDistance, float Chin, float Mouth, float MouthWidth,
    float Nose, float Power, float Point, float Flat)
{
    public bool IsAnime => Kind is FaceKind.Modern or FaceKind.Chibi or FaceKind.Lean;

    public static FaceProportions Draw(FaceKind kind, Random random)
    {
        var mean = Mean(kind);
        // Tall eyes go with short faces.
        var tall = kind == FaceKind.Caricature ? 0 : 0.09f * random.Normal();
        var chin = mean.Chin * (1 - (0.5f * tall)) * Around(0.07f);
        return mean with
        {
            EyeWidth = mean.EyeWidth * Around(0.09f),
            EyeHeight = mean.EyeHeight * (1 + tall) * Around(0.08f),
            EyeDistance = mean.EyeDistance * Around(0.03f),
            Chin = chin,
            Mouth = MathF.Min(mean.Mouth * (chin / mean.Chin) * Around(0.05f), chin - 0.09f),
            MouthWidth = mean.MouthWidth * Around(0.2f),
            Nose = mean.Nose * (chin / mean.Chin) * Around(0.12f),
            Power = mean.Power * Around(0.13f),
            Point = Math.Clamp(mean.Point * Around(0.16f), 0.48f, 1.05f),
            Flat = mean.Flat * random.Uniform(0, 2),
        };

        float Around(float spread) => 1 + (spread * random.Normal());
    }

    private static FaceProportions Mean(FaceKind kind) => kind switch
    {
        FaceKind.Modern => new(kind, 0.31f, 0.315f, 0.61f, 0.64f, 0.4f, 0.21f, 0.23f, 2.35f, 0.85f, 0.02f),
        FaceKind.Chibi => new(kind, 0.285f, 0.4f, 0.61f, 0.5f, 0.31f, 0.16f, 0.18f, 2.5f, 0.58f, 0.02f),
        FaceKind.Lean => new(kind, 0.285f, 0.165f, 0.59f, 0.78f, 0.51f, 0.24f, 0.3f, 2.7f, 0.8f, 0.1f),
        FaceKind.Comic => new(kind, 0.21f, 0.12f, 0.47f, 0.86f, 0.57f, 0.34f, 0.36f, 3.1f, 0.6f, 0.18f),
        FaceKind.Ball => new(kind, 0.3f, 0.35f, 0.31f, 0.84f, 0.56f, 0.44f, 0.31f, 2.8f, 0.52f, 0.05f),
        FaceKind.Dot => new(kind, 0.06f, 0.07f, 0.38f, 0.76f, 0.42f, 0.3f, 0.2f, 2.8f, 0.52f, 0.08f),
        _ => new(kind, 0.2f, 0.11f, 0.45f, 1.02f, 0.63f, 0.42f, 0.45f, 2.9f, 0.6f, 0.16f),
    };
}
