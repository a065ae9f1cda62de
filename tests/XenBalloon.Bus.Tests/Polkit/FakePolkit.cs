using System.Collections.Concurrent;
using XenBalloon.Bus.SdBus;
using XenBalloon.Bus.Tests.OnPrivateBus;

namespace XenBalloon.Bus.Tests.Polkit;

/// <summary>Stands in for polkit on a private bus, made of the project's own sd-bus objects.</summary>
internal sealed class FakePolkit : IDisposable
{
    private readonly NativeTable table;
    private readonly SdBusConnection connection;
    private readonly FakeAuthority authority;
    private readonly Thread thread;
    private bool stopping;

    /// <summary>Takes polkit's name.</summary>
    /// <param name="bus">On which bus.</param>
    /// <param name="mood">What it does with questions.</param>
    internal FakePolkit(PrivateBus bus, PolkitMood mood = PolkitMood.Yes)
    {
        Mood = mood;
        table = NativeTable.Of(FakeAuthority.Describe(mood == PolkitMood.Nonsense ? "s" : mood == PolkitMood.Half ? "b" : "(bba{ss})"));
        connection = SdBusConnection.Open(bus.Address);
        authority = new FakeAuthority(connection, table, this);
        connection.Register(authority);
        connection.RequestName("org.freedesktop.PolicyKit1");
        thread = new Thread(() => connection.Run(() => stopping)) { IsBackground = true, Name = "polkit" };
        thread.Start();
    }

    /// <summary>What it does with the next question; not to be changed to or from what is no answer.</summary>
    internal PolkitMood Mood { get; set; }

    /// <summary>What it was asked, in order.</summary>
    internal ConcurrentQueue<PolkitQuestion> Asked { get; } = [];

    /// <summary>Answers what it was silent about.</summary>
    internal void AnswerAll(PolkitMood mood) => connection.Post(() => authority.AnswerAll(mood));

    /// <summary>Leaves the bus, with no answer to who waits.</summary>
    public void Dispose()
    {
        connection.Post(() => stopping = true);
        thread.Join();
        connection.Dispose();
        table.Dispose();
    }
}
