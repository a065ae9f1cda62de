using System.Threading.Channels;

namespace XenBalloon.Bus.Server;

/// <summary>
/// One thing at a time: work that is posted runs in order, and what it awaits comes back here, so that the objects on
/// the bus need no locks. The library's own reading thread must never be held up, so everything that takes a call in is
/// posted here.
/// </summary>
internal sealed class BusTurn : SynchronizationContext
{
    private readonly Channel<(SendOrPostCallback Work, object? State)> queue =
        Channel.CreateUnbounded<(SendOrPostCallback, object?)>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Begins.</summary>
    internal BusTurn() => Ended = Task.Run(RunAsync);

    /// <summary>
    /// Completes when all work is done after <see cref="Complete"/>; fails with what a piece of work threw.
    /// </summary>
    internal Task Ended { get; }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => queue.Writer.TryWrite((d, state));

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Has work done soon; without effect after <see cref="Complete"/>.</summary>
    internal void Post(Action work) => Post(static state => ((Action)state!)(), work);

    /// <summary>Has asynchronous work done in turns; what it throws ends them all.</summary>
    internal void Post(Func<Task> work) => Post(new Action(async () => await work()));

    /// <summary>Takes no more work.</summary>
    internal void Complete() => queue.Writer.TryComplete();

    private async Task RunAsync()
    {
        await foreach ((SendOrPostCallback work, object? state) in queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            SynchronizationContext? before = Current;
            SetSynchronizationContext(this);
            try
            {
                work(state);
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }
    }
}
