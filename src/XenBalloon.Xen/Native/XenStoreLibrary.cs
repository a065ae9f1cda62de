using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>libxenstore, loaded at run time so that one binary serves old and new Xen and can say clearly that it is missing.</summary>
internal sealed class XenStoreLibrary
{
    private XenStoreLibrary(nint library)
    {
        Connections = new XenStoreConnectionFunctions(library);
        Values = new XenStoreValueFunctions(library);
        Transactions = new XenStoreTransactionFunctions(library);
        Watches = new XenStoreWatchFunctions(library);
    }

    public XenStoreConnectionFunctions Connections { get; }

    public XenStoreValueFunctions Values { get; }

    public XenStoreTransactionFunctions Transactions { get; }

    public XenStoreWatchFunctions Watches { get; }

    /// <summary>Loads the first of these sonames that is there. It stays loaded: the library has a thread of its own.</summary>
    /// <exception cref="XenUnavailableException">None is there, or the one found lacks a function.</exception>
    public static XenStoreLibrary Load(IReadOnlyList<string> sonames)
    {
        foreach (string soname in sonames)
        {
            if (!NativeLibrary.TryLoad(soname, out nint library)) continue;
            try
            {
                return new XenStoreLibrary(library);
            }
            catch (EntryPointNotFoundException missing)
            {
                throw new XenUnavailableException(
                    XenUnavailableCause.NoXenStoreLibrary, $"{soname} is no usable libxenstore ({missing.Message}): reinstall it", missing);
            }
        }

        throw new XenUnavailableException(
            XenUnavailableCause.NoXenStoreLibrary, $"libxenstore is missing (looked for {string.Join(", ", sonames)}): install libxenstore4");
    }
}
