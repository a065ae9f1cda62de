namespace XenBalloon.Bus.Definitions;

/// <summary>An object on the bus with one interface of ours; to be used on the bus thread only. Disposed, it is gone from the bus.</summary>
/// <typeparam name="T">Its state; immutable.</typeparam>
internal interface IBusObject<T> : IDisposable
{
    /// <summary>Replaces the state, and tells in one signal which announced properties have other values now; nothing when none has.</summary>
    void Update(T state);

    /// <summary>Sends a signal of its interface.</summary>
    void Signal(string name, params ReadOnlySpan<BusValue> arguments);
}
