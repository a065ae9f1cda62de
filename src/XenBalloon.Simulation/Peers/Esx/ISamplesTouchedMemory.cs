namespace XenBalloon.Simulation.Peers.Esx;

/// <summary>A policy that samples what guests touch. Whoever puts it in charge of a machine tells it where to look.</summary>
public interface ISamplesTouchedMemory
{
    /// <summary>Samples from here on; without it the guests' own reports stand in.</summary>
    void SampleFrom(ITouchedMemory memory);
}
