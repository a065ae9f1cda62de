namespace XenBalloon.Bus.Definitions;

/// <summary>
/// All that our objects need of a D-Bus library, so that another could stand in for sd-bus. To be used on the bus thread only, except for
/// <see cref="Post"/>.
/// </summary>
internal interface IBusConnection
{
    /// <summary>Makes the path the root of managed objects, whose coming and going is announced.</summary>
    void AddObjectManager(string path);

    /// <summary>Puts an object on the bus without a word.</summary>
    IBusObject<T> Export<T>(string path, BusInterface<T> definition, T state);

    /// <summary>Tells that an object below an object manager has come.</summary>
    void AnnounceAdded(string path);

    /// <summary>Tells that an object below an object manager goes; to be called before it is disposed.</summary>
    void AnnounceRemoved(string path);

    /// <summary>Tells once when somebody with a unique name leaves the bus, or is not on it; disposed of, it tells no more.</summary>
    IDisposable Follow(string uniqueName, Action left);

    /// <summary>Has work done on the bus thread soon, in the order it was posted; from any thread.</summary>
    void Post(Action work);
}
