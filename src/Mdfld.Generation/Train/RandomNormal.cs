namespace Mdfld.Generation;

/// <summary>Noise for a training sample.</summary>
internal static class RandomNormal
{
    extension(Random random)
    {
        /// <summary>Draws numbers of mean 0 and variance 1; takes one number of the generator.</summary>
        public float[] Normal(int count)
        {
            var numbers = new float[count];
            new SeededNoise((ulong)random.NextInt64()).Fill(numbers, stream: 0);
            return numbers;
        }
    }
}
