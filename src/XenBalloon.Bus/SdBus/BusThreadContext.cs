namespace XenBalloon.Bus.SdBus;

/// <summary>Brings what is awaited in a method handler back to the bus thread, in order, so that objects need no locks.</summary>
internal sealed class BusThreadContext(WorkQueue work) : SynchronizationContext
{
    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => work.Post(() => d(state));

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;
}
