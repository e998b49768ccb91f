namespace Mdfld;

public sealed partial record HeadPose
{
    private static readonly Vector3[] Mean =
    [
        new(-1.138f, 0.04f, -0.85f), new(-1.129f, 0.33f, -0.815f), new(-1.095f, 0.62f, -0.798f),
        new(-1.033f, 0.905f, -0.777f), new(-0.917f, 1.168f, -0.681f), new(-0.738f, 1.395f, -0.527f),
        new(-0.519f, 1.585f, -0.341f), new(-0.276f, 1.737f, -0.157f), new(0, 1.78f, -0.091f),
        new(0.276f, 1.737f, -0.157f), new(0.519f, 1.585f, -0.341f), new(0.738f, 1.395f, -0.527f),
        new(0.917f, 1.168f, -0.681f), new(1.033f, 0.905f, -0.777f), new(1.095f, 0.62f, -0.798f),
        new(1.129f, 0.33f, -0.815f), new(1.138f, 0.04f, -0.85f), new(-0.921f, -0.203f, -0.17f),
        new(-0.78f, -0.325f, -0.017f), new(-0.584f, -0.362f, 0.113f), new(-0.382f, -0.337f, 0.217f),
        new(-0.189f, -0.267f, 0.293f), new(0.189f, -0.267f, 0.293f), new(0.382f, -0.337f, 0.217f),
        new(0.584f, -0.362f, 0.113f), new(0.78f, -0.325f, -0.017f), new(0.921f, -0.203f, -0.17f),
        new(0, -0.032f, 0.29f), new(0, 0.157f, 0.386f), new(0, 0.344f, 0.494f),
        new(0, 0.536f, 0.601f), new(-0.229f, 0.67f, 0.298f), new(-0.119f, 0.708f, 0.35f),
        new(0, 0.743f, 0.379f), new(0.119f, 0.708f, 0.35f), new(0.229f, 0.67f, 0.298f),
        new(-0.693f, 0.003f, -0.07f), new(-0.572f, -0.069f, 0.001f), new(-0.423f, -0.067f, 0.026f),
        new(-0.298f, 0.026f, 0.022f), new(-0.434f, 0.054f, 0.024f), new(-0.581f, 0.053f, -0.004f),
        new(0.298f, 0.026f, 0.022f), new(0.423f, -0.067f, 0.026f), new(0.572f, -0.069f, 0.001f),
        new(0.693f, 0.003f, -0.07f), new(0.581f, 0.053f, -0.004f), new(0.434f, 0.054f, 0.024f),
        new(-0.438f, 1.036f, -0.05f), new(-0.278f, 0.965f, 0.163f), new(-0.113f, 0.93f, 0.284f),
        new(0, 0.957f, 0.3f), new(0.113f, 0.93f, 0.284f), new(0.278f, 0.965f, 0.163f),
        new(0.438f, 1.036f, -0.05f), new(0.284f, 1.186f, 0.091f), new(0.123f, 1.25f, 0.193f),
        new(0, 1.261f, 0.21f), new(-0.123f, 1.25f, 0.193f), new(-0.284f, 1.186f, 0.091f),
        new(-0.371f, 1.044f, -0.021f), new(-0.115f, 1.026f, 0.251f), new(0, 1.037f, 0.27f),
        new(0.115f, 1.026f, 0.251f), new(0.371f, 1.044f, -0.021f), new(0.117f, 1.106f, 0.206f),
        new(0, 1.119f, 0.224f), new(-0.117f, 1.106f, 0.206f),
    ];

    /// <summary>
    /// The mean head of 68 landmarks in space: the middle between the eyes is the origin, the distance of the eyes'
    /// centres is 1, x to the right and y down as in a picture, z towards the camera. Found from the 2012 faces of
    /// 300-W's training photos by factorisation into one symmetric shape and a scaled orthographic view of each face
    /// (Tomasi, Kanade 1992); five rounds, where the residual was least: 0.078 of the eyes' distance.
    /// </summary>
    public static ReadOnlySpan<Vector3> MeanHead => Mean;
}
