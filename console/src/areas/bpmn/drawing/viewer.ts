import Viewer from 'bpmn-js/lib/NavigatedViewer'

export default Viewer
