namespace XenBalloon.Simulation.Peers.Mom;

/// <summary>The mean of the last ten samples (MOM's <c>sample-history-length</c>).</summary>
internal sealed class SampleAverage
{
    private const int Length = 10;

    private readonly Queue<double> samples = new();

    /// <summary>The mean; zero before the first sample.</summary>
    public double Mean => samples.Count == 0 ? 0 : samples.Average();

    /// <summary>Takes a sample in, and drops the oldest once there are more than ten.</summary>
    public void Add(double sample)
    {
        samples.Enqueue(sample);
        if (samples.Count > Length) samples.Dequeue();
    }
}
